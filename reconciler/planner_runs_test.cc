#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/planner.h"
#include "reconciler/planner_case_test.h"

namespace bough {
namespace {

using namespace testing_world;

using Case = PlannerCase;

class PlannerRuns : public testing::TestWithParam<Case> {};
TEST_P(PlannerRuns, PlansJustThis) {
  expect_just_these_steps(GetParam());
}

const std::vector<Command> kMigrations{command("npm run migrate")};
const std::vector<Command> kBuild{command("npm ci", RunKind::build)};

WantedHome built(bool with_migration = true) {
  WantedHome result = wanted_home(on("x"), with_migration ? kMigrations : std::vector<Command>{});
  result.builds = kBuild;
  return result;
}
RunKey build_key() {
  return {home(on("x")), "", commit(), digest(kBuild)};
}
RunKey migration_key() {
  return {home(on("x")), "db", commit(), digest(kMigrations)};
}

Observed ran(std::map<RunKey, RunState> runs, bool with_checkout = false) {
  Observed world = sees(holding({place(on("x"))}));
  world.runs = std::move(runs);
  if (with_checkout) world.checkouts.insert(build_key());
  return world;
}
Observed migrated(char digit) {
  return changed([&](auto& db, auto&) {
    db.mark->migrated = Migrated{commit(digit), digest(kMigrations)};
  });
}

WantedHome not_to_run() {
  WantedHome result = built();
  result.runs_refused = "${nope.X} names no component";
  return result;
}

std::vector<Case> runs() {
  const Words both{"build branch x", "migrate shop--x"};
  return {
      {"NewCommitIsBuiltAndMigrated", wants({built()}), ran({}), both},
      {"MigratedCommitIsNot", wants({wanted_home(on("x"), kMigrations)}), migrated('a'), {}},
      {"NextCommitIs",
       wants({wanted_home(on("x"), kMigrations)}),
       migrated('b'),
       {"migrate shop--x"}},
      {"OtherCommandIs",
       wants({wanted_home(on("x"), {command("other")})}),
       migrated('a'),
       {"migrate shop--x"}},
      {"FailedBuildStopsTheMigration",
       wants({built()}),
       ran({{build_key(), RunState::failed}}),
       {},
       1},
      {"FailedMigrationWaits",
       wants({built()}),
       ran({{build_key(), RunState::succeeded}, {migration_key(), RunState::failed}}),
       {},
       1},
      {"TimedOutMigrationWaits",
       wants({built()}),
       ran({{build_key(), RunState::succeeded}, {migration_key(), RunState::timed_out}}),
       {},
       1},
      {"UnknownMigrationRunsAgain",
       wants({built()}),
       ran({{build_key(), RunState::succeeded}, {migration_key(), RunState::unknown}}, true),
       {"migrate shop--x"}},
      {"LostCheckoutIsBuiltAgain", wants({built()}), ran({{build_key(), RunState::succeeded}}),
       both},
      {"KeptCheckoutIsNot",
       wants({built()}),
       ran({{build_key(), RunState::succeeded}}, true),
       {"migrate shop--x"}},
      {"RunningBuildIsWaitedFor", wants({built()}), ran({{build_key(), RunState::running}}), {}},
      {"RunningMigrationIsWaitedFor",
       wants({wanted_home(on("x"), kMigrations)}),
       ran({{migration_key(), RunState::running}}),
       {}},
      {"MigratedCommitNeedsNoBuild", wants({built()}), migrated('a'), {}},
      {"BuildWithoutMigration", wants({built(false)}), ran({}), {"build branch x"}},
      {"BuildWithoutMigrationRunsOnce",
       wants({built(false)}),
       ran({{build_key(), RunState::succeeded}}),
       {}},
      {"UnresolvedReferenceStopsCommands", wants({not_to_run()}), ran({}), {}, 1},
      {"NewDatabaseForgetsOldFailures",
       wants({wanted_home(on("x"), kMigrations)}),
       [] {
         Observed world = sees(Contents{15, {}, {}});
         world.runs[migration_key()] = RunState::failed;
         return world;
       }(),
       {"create-role shop--x", "create-database shop--x", "grant shop--x", "migrate shop--x"}},
  };
}
INSTANTIATE_TEST_SUITE_P(Runs, PlannerRuns, testing::ValuesIn(runs()),
                         [](const auto& row) { return row.param.name; });

constexpr const char* kFile = "db/migrations/1_a.sql";

/// Migrated at another commit with that file, and now to go on.
Case rewritten(std::string name, const Environment& where, const std::string& now, Words steps,
               std::size_t refused = 0) {
  WantedHome home = wanted_home(where, kMigrations);
  home.files = {{kFile, now}};
  Observed world = changed(
      [](auto& db, auto&) {
        db.mark->migrated = Migrated{commit('b'), digest(kMigrations)};
      },
      where);
  world.histories[place(where)] = {true, {{kFile, "before"}}, {}};
  return {std::move(name), wants({home}), world, std::move(steps), refused};
}

Case accepted() {
  Case row = rewritten("AcceptedRewritingOfProductionGoesOn", Production{}, "after",
                       {"migrate shop-production"});
  row.observed.accepted.insert({home(Production{}), commit()});
  return row;
}

/// Back at a commit that succeeded here before the one that added the file.
Case gone_back() {
  Case row = rewritten(
      "GoingBackBehindAMigrationRebuilds", on("x"), "before",
      {"set-aside shop--x", "create-database shop--x", "grant shop--x", "migrate shop--x"});
  row.desired.homes[0].files.clear();
  row.observed.runs[migration_key()] = RunState::succeeded;
  return row;
}

Case interrupted(std::string name, OnUnknown policy, Words steps, std::size_t refused) {
  WantedHome home = wanted_home(on("x"), kMigrations);
  home.on_unknown = policy;
  return {std::move(name), wants({home}), ran({{migration_key(), RunState::unknown}}),
          std::move(steps), refused};
}

std::vector<Case> histories() {
  const Words rebuilt{"set-aside shop--x", "create-database shop--x", "grant shop--x",
                      "migrate shop--x"};
  return {
      rewritten("SameHistoryGoesOn", on("x"), "before", {"migrate shop--x"}),
      rewritten("RewrittenHistoryOfABranchRebuilds", on("x"), "after", rebuilt),
      rewritten("RewrittenHistoryOfProductionIsRefused", Production{}, "after", {}, 1),
      accepted(),
      gone_back(),
      interrupted("InterruptedMigrationMayAsk", OnUnknown::ask, {}, 1),
      interrupted("InterruptedMigrationMayRunAgain", OnUnknown::rerun, {"migrate shop--x"}, 0),
  };
}
INSTANTIATE_TEST_SUITE_P(Histories, PlannerRuns, testing::ValuesIn(histories()),
                         [](const auto& row) { return row.param.name; });

TEST(Rebuild, KeepsTheOldDatabaseUnderAnotherNameAndSaysSo) {
  const Case row = rewritten("", on("x"), "after", {});
  const Plan made = plan(row.desired, row.observed, {}, kNow);
  ASSERT_EQ(made.steps.size(), 4U);
  const Mark aside = std::get<SetAside>(made.steps[0].action).mark;
  EXPECT_EQ(aside.standing, Standing(Held{kNow, false, true}));
  EXPECT_NE(aside.name.text(), "shop--x");
  EXPECT_EQ(made.steps[0].because,
            "db/migrations/1_a.sql was edited after it ran; the old database is kept as " +
                aside.name.text());
  EXPECT_EQ(std::get<Migrate>(made.steps[3].action).mark, mark(place(on("x"))));
  Observed then = row.observed;
  for (const Step& step : made.steps) then = after(std::move(then), step);
  EXPECT_TRUE(plan(row.desired, then, {}, kNow).steps.empty());
  EXPECT_TRUE(plan(wants({}), then, {}, kNow).steps.size() == 1) << "only the new one is held";
}

struct Told {
  std::string name;
  std::vector<ReportedBuild> reports;
  Words steps;
  std::size_t waiting = 0;
  std::size_t refused = 0;
};
void PrintTo(const Told& row, std::ostream* out) {
  *out << row.name;
}

ReportedBuild report(char digit, std::string name, bool succeeded,
                     std::string_view repository = "shop") {
  return {repo(repository), commit(digit), std::move(name), "x", succeeded, "webhook github"};
}

class Waits : public testing::TestWithParam<Told> {};
TEST_P(Waits, ForTheReportedBuild) {
  WantedHome home = built();
  home.wait_for = "ci";
  Observed world = ran({});
  world.reports = GetParam().reports;
  const Plan made = plan(wants({home}), world, {}, kNow);
  EXPECT_EQ(words(made), GetParam().steps);
  EXPECT_EQ(made.waiting.size(), GetParam().waiting);
  EXPECT_EQ(made.refused.size(), GetParam().refused);
  if (!made.waiting.empty()) {
    EXPECT_EQ(made.waiting[0].because, "waiting for build \"ci\" of aaaaaaa");
  }
}
const std::vector<Told> kTold{
    {"Nothing", {}, {}, 1},
    {"Success", {report('a', "ci", true)}, {"build branch x", "migrate shop--x"}},
    {"Failure", {report('a', "ci", false)}, {}, 0, 1},
    {"AnotherCommit", {report('b', "ci", true)}, {}, 1},
    {"AnotherBuild", {report('a', "nightly", true)}, {}, 1},
    {"AnotherRepository", {report('a', "ci", true, "blog")}, {}, 1},
};
INSTANTIATE_TEST_SUITE_P(, Waits, testing::ValuesIn(kTold),
                         [](const auto& row) { return row.param.name; });

TEST(Build, IsNotWaitedForWhenNothingIsToRun) {
  WantedHome home = wanted_home(on("x"), kMigrations);
  home.wait_for = "ci";
  EXPECT_EQ(plan(wants({home}), migrated('a'), {}, kNow), Plan());
}

}  // namespace
}  // namespace bough
