#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/planner.h"
#include "reconciler/planner_case_test.h"
#include "reconciler/planner_parts.h"

namespace bough {
namespace {

using namespace testing_world;

const std::vector<Command> kMigrations{command("npm run migrate")};
const std::vector<Command> kSeeds{command("npm run seed", RunKind::seed)};
const std::vector<Command> kAfter{command("notify", RunKind::post_deploy)};
const std::vector<Command> kFailed{command("alarm", RunKind::failed_deploy)};
const std::vector<Command> kBuild{command("npm ci", RunKind::build)};

using Case = PlannerCase;

class PlannerJobs : public testing::TestWithParam<Case> {};
TEST_P(PlannerJobs, PlansJustThis) {
  expect_just_these_steps(GetParam());
}
TEST_P(PlannerJobs, LeavesNothingToPlan) {
  Observed world = GetParam().observed;
  for (const Step& step : plan(GetParam().desired, world, {}, kNow).steps)
    world = after(std::move(world), step);
  EXPECT_EQ(words(plan(GetParam().desired, world, {}, kNow)), Words());
}

RunKey key(std::string component, const std::vector<Command>& commands) {
  return {home(on("x")), std::move(component), commit(), digest(commands)};
}

WantedHome seeded(SeedWhen when, std::vector<Command> migrations = kMigrations) {
  WantedHome result = wanted_home(on("x"), std::move(migrations));
  result.databases[0].seeds = kSeeds;
  result.databases[0].seed_when = when;
  result.files = {{"db/migrations/1_a.sql", "one"}};
  return result;
}

/// The database is at the commit, and was seeded as that home would be.
Observed seeded_by(const std::optional<WantedHome>& home, char digit = 'a') {
  return changed([&](auto& db, auto&) {
    db.mark->migrated = Migrated{commit(digit), digest(kMigrations)};
    if (home) db.mark->seeded = seed_digest(*home, home->databases[0]);
  });
}

Observed with(Observed world, std::map<RunKey, RunState> runs) {
  world.runs.merge(runs);
  return world;
}

WantedHome at_commit(WantedHome home, char digit) {
  home.commit = commit(digit);
  return home;
}

WantedHome with_files(WantedHome home, MigrationFiles files) {
  home.files = std::move(files);
  return home;
}

WantedHome asking(WantedHome home) {
  home.on_unknown = OnUnknown::ask;
  return home;
}

std::vector<Case> seeds() {
  const Words both{"migrate shop--x", "seed shop--x"}, one{"seed shop--x"},
      migration{"migrate shop--x"};
  const WantedHome once = seeded(SeedWhen::once), changing = seeded(SeedWhen::on_change),
                   always = seeded(SeedWhen::always);
  const WantedHome other = with_files(at_commit(changing, 'b'), {{"db/migrations/2_b.sql", "2"}});
  return {
      {"SeedFollowsTheFirstMigration", wants({once}), sees(holding({place(on("x"))})), both},
      {"NewDatabaseIsSeeded",
       wants({once}),
       sees(Contents{15, {}, {}}),
       {"create-role shop--x", "create-database shop--x", "grant shop--x", "migrate shop--x",
        "seed shop--x"}},
      {"OnceIsOnce", wants({once}), seeded_by(once), {}},
      {"OnceIsOnceForEveryCommit", wants({once}), seeded_by(once, 'b'), migration},
      {"InterruptedBetweenMigrationAndSeed", wants({once}), seeded_by(std::nullopt), one},
      {"UnchangedMigrationsDoNotSeed", wants({changing}), seeded_by(changing, 'b'), migration},
      {"ChangedMigrationsSeed", wants({changing}), seeded_by(other, 'b'), both},
      {"WithoutMigrationFilesTheCommitCounts", wants({with_files(changing, {})}),
       seeded_by(at_commit(with_files(changing, {}), 'b'), 'b'), both},
      {"AlwaysSeedsEveryCommit", wants({always}), seeded_by(at_commit(always, 'b'), 'b'), both},
      {"AlwaysSeedsACommitOnce", wants({always}), seeded_by(always), {}},
      {"WithoutMigrationsTheDatabaseIsSeeded", wants({seeded(SeedWhen::once, {})}),
       sees(holding({place(on("x"))})), one},
      {"FailedSeedWaits",
       wants({once}),
       with(seeded_by(std::nullopt), {{key("db", kSeeds), RunState::failed}}),
       {},
       1},
      {"UnknownSeedRunsAgain", wants({once}),
       with(seeded_by(std::nullopt), {{key("db", kSeeds), RunState::unknown}}), one},
      {"UnknownSeedMayAsk",
       wants({asking(once)}),
       with(seeded_by(std::nullopt), {{key("db", kSeeds), RunState::unknown}}),
       {},
       1},
      {"FailedMigrationIsNotSeeded",
       wants({once}),
       with(sees(holding({place(on("x"))})), {{key("db", kMigrations), RunState::failed}}),
       {},
       1},
  };
}
INSTANTIATE_TEST_SUITE_P(Seeds, PlannerJobs, testing::ValuesIn(seeds()),
                         [](const auto& row) { return row.param.name; });

WantedHome with_jobs(WantedHome home) {
  home.after_deploy = kAfter;
  home.after_failure = kFailed;
  return home;
}

Observed released(char digit) {
  return changed([&](auto& db, auto&) {
    db.mark->migrated = Migrated{commit('a'), digest(kMigrations)};
    db.mark->released = Migrated{commit(digit), digest(kAfter)};
  });
}

std::vector<Case> jobs() {
  const WantedHome home = with_jobs(wanted_home(on("x"), kMigrations));
  WantedHome built = home;
  built.builds = kBuild;
  const Observed there = sees(holding({place(on("x"))}));
  const Words alarm{"failed-deploy shop--x"};
  return {
      {"JobsFollowTheMigration", wants({home}), there, {"migrate shop--x", "post-deploy shop--x"}},
      {"JobsFollowSeeds",
       wants({with_jobs(seeded(SeedWhen::once))}),
       there,
       {"migrate shop--x", "seed shop--x", "post-deploy shop--x"}},
      {"JobsRunOnce", wants({home}), released('a'), {}},
      {"JobsRunForEachCommit", wants({home}), released('b'), {"post-deploy shop--x"}},
      {"JobsThatSucceededHereBeforeDoNotRunAgain",
       wants({home}),
       with(released('b'), {{key("", kAfter), RunState::succeeded}}),
       {}},
      {"JobsNeedTheBuild",
       wants({built}),
       with(released('b'), {{key("", kBuild), RunState::succeeded}}),
       {"build branch x", "post-deploy shop--x"}},
      {"FailedJobsWait",
       wants({home}),
       with(released('b'), {{key("", kAfter), RunState::failed}}),
       {},
       1},
      {"UnknownJobsRunAgain",
       wants({home}),
       with(released('b'), {{key("", kAfter), RunState::unknown}}),
       {"post-deploy shop--x"}},
      {"UnknownJobsMayAsk",
       wants({asking(home)}),
       with(released('b'), {{key("", kAfter), RunState::unknown}}),
       {},
       1},
      {"FailedMigrationIsAnswered", wants({home}),
       with(there, {{key("db", kMigrations), RunState::failed}}), alarm, 1},
      {"FailedBuildIsAnswered", wants({built}),
       with(there, {{key("", kBuild), RunState::timed_out}}), alarm, 1},
      {"FailureIsAnsweredOnce",
       wants({home}),
       with(there,
            {{key("db", kMigrations), RunState::failed}, {key("db", kFailed), RunState::failed}}),
       {},
       1},
      {"InterruptedAnswerIsNotRepeated",
       wants({home}),
       with(there,
            {{key("db", kMigrations), RunState::failed}, {key("db", kFailed), RunState::unknown}}),
       {},
       1},
      {"UnknownMigrationIsNoFailure",
       wants({asking(home)}),
       with(there, {{key("db", kMigrations), RunState::unknown}}),
       {},
       1},
  };
}
INSTANTIATE_TEST_SUITE_P(Jobs, PlannerJobs, testing::ValuesIn(jobs()),
                         [](const auto& row) { return row.param.name; });

WantedHome restoring(const Environment& environment = on("x")) {
  WantedHome result = wanted_home(environment, kMigrations);
  result.on_failure = OnFailure::restore;
  return result;
}

const Migrated kAttempt{commit('a'), digest(kMigrations)};

/// A server with the database, migrated to that, and a copy of it from before an attempt.
Observed copied(std::optional<Migrated> migrated, std::optional<Migrated> attempted) {
  Contents contents = holding({place(on("x"))});
  SeenDatabase& database = contents.databases.begin()->second;
  database.mark->migrated = std::move(migrated);
  Mark image = mark(place(on("x")), Image{kNow, std::move(attempted)});
  image.name = planner::image_name(image.name);
  image.migrated = Migrated{commit('b'), digest(kMigrations)};
  contents.databases[image.name.text()] = {"admin", false, false, true, image};
  return sees(contents);
}

Observed half_copied() {
  Contents contents = holding({place(on("x"))});
  const DatabaseName name = physical_name(place(on("x")), Rank::first);
  contents.databases[planner::image_name(name).text()] = {name.text(), false, false, true, {}};
  return sees(contents);
}

std::vector<Case> images() {
  const Words migrated{"copy shop--x", "migrate shop--x", "drop-copy shop--x"};
  const Migrated before{commit('b'), digest(kMigrations)};
  return {
      {"RestoreCopiesFirst", wants({restoring()}), sees(holding({place(on("x"))})), migrated},
      {"ProductionIsNeverCopied",
       wants({restoring(Production{})}),
       sees(holding({place(Production{})})),
       {"migrate shop-production"}},
      {"CopyOfASuccessIsDropped",
       wants({restoring()}),
       copied(kAttempt, kAttempt),
       {"drop-copy shop--x"}},
      {"CopyThatWasNotNeededYetIsDropped",
       wants({restoring()}),
       copied(kAttempt, std::nullopt),
       {"drop-copy shop--x"}},
      {"InterruptedMigrationIsPutBackAndRunsAgain",
       wants({restoring()}),
       with(copied(before, kAttempt), {{key("db", kMigrations), RunState::unknown}}),
       {"put-back shop--x", "drop-copy shop--x", "copy shop--x", "migrate shop--x",
        "drop-copy shop--x"}},
      {"FailedMigrationIsPutBackAndWaits",
       wants({restoring()}),
       with(copied(before, kAttempt), {{key("db", kMigrations), RunState::failed}}),
       {"put-back shop--x", "drop-copy shop--x"},
       1},
      {"WithoutTheJournalItIsPutBack",
       wants({asking(restoring())}),
       copied(before, kAttempt),
       {"put-back shop--x", "drop-copy shop--x", "copy shop--x", "migrate shop--x",
        "drop-copy shop--x"}},
      {"RunningMigrationKeepsItsCopy",
       wants({restoring()}),
       with(copied(before, kAttempt), {{key("db", kMigrations), RunState::running}}),
       {}},
      {"HalfMadeCopyIsDropped",
       wants({wanted_home(on("x"))}),
       half_copied(),
       {"drop-copy shop--x"}},
      {"BranchThatIsGoneIsPutBackAndHeld",
       wants({}),
       copied(before, kAttempt),
       {"put-back shop--x", "drop-copy shop--x", "held shop--x"}},
      {"SilentRepositoryIsLeftAlone", {}, copied(before, kAttempt), {}},
  };
}
INSTANTIATE_TEST_SUITE_P(Images, PlannerJobs, testing::ValuesIn(images()),
                         [](const auto& row) { return row.param.name; });

TEST(PutBack, LeavesTheDatabaseAsTheCopyWas) {
  const Observed world = copied(std::nullopt, kAttempt);
  const Plan made = plan(wants({wanted_home(on("x"))}), world, {}, kNow);
  ASSERT_FALSE(made.steps.empty());
  const PutBack& put = std::get<PutBack>(made.steps[0].action);
  EXPECT_EQ(put.mark.migrated, (Migrated{commit('b'), digest(kMigrations)}));
  EXPECT_EQ(put.mark.standing, Standing(Active{}));
  EXPECT_EQ(put.image.standing, Standing(Image{kNow}));
}

TEST(Restored, FailureIsNoReasonToRebuildWhenItsFilesAreEdited) {
  Desired desired = wants({restoring()});
  desired.homes[0].files = {{"db/migrations/1_a.sql", "mended"}};
  Observed world = copied(std::nullopt, Migrated{commit('c'), digest(kMigrations)});
  world.histories[place(on("x"))] = {true, {}, {{"db/migrations/1_a.sql", "broken"}}};
  EXPECT_EQ(words(plan(desired, world, {}, kNow)),
            (Words{"put-back shop--x", "drop-copy shop--x", "copy shop--x", "migrate shop--x",
                   "drop-copy shop--x"}));
}

TEST(Build, IsNotRepeatedForAMigrationThatIsRefused) {
  WantedHome home = asking(wanted_home(on("x"), kMigrations));
  home.builds = kBuild;
  const Observed world =
      with(sees(holding({place(on("x"))})),
           {{key("", kBuild), RunState::succeeded}, {key("db", kMigrations), RunState::unknown}});
  const Plan made = plan(wants({home}), world, {}, kNow);
  EXPECT_EQ(words(made), Words());
  EXPECT_EQ(made.refused.size(), 1U);
}

}  // namespace
}  // namespace bough
