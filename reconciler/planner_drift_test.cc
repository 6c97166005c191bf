#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/planner.h"
#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;
using Words = std::vector<std::string>;
using std::chrono::milliseconds;

const Instant kNow{std::chrono::seconds(1'767'225'600)};
constexpr long long kBudget = 1'000'000;

/// What one change outside of bough comes to: the steps, and the alarms.
struct Case {
  std::string name;
  void (*change)(Contents& contents, const Place& where);
  Words branch;
  Words production;
  std::size_t alarms_of_branch = 0;
  std::size_t alarms_of_production = 0;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

std::string name_of(const Place& where) {
  return physical_name(where, Rank::first).text();
}
SeenRole& role(Contents& contents, const Place& where) {
  return contents.roles.at(name_of(where));
}
SeenDatabase& database(Contents& contents, const Place& where) {
  return contents.databases.at(name_of(where));
}

void rename_database(Contents& contents, const Place& where) {
  auto moved = contents.databases.extract(name_of(where));
  moved.key() = "mine";
  moved.mapped().strayed = std::exchange(moved.mapped().mark, std::nullopt);
  contents.databases.insert(std::move(moved));
}
void rename_role(Contents& contents, const Place& where) {
  auto moved = contents.roles.extract(name_of(where));
  moved.key() = "mine";
  moved.mapped().strayed = std::exchange(moved.mapped().mark, std::nullopt);
  contents.roles.insert(std::move(moved));
  database(contents, where).owner = "mine";
}
void copy_note(Contents& contents, const Place& where) {
  contents.databases["copy"] = {"alice", true,         false,
                                false,   std::nullopt, database(contents, where).mark};
}
void add_other(Contents& contents) {
  const Place other = place(on("other"));
  contents.roles[name_of(other)] = {true, mark(other)};
}
void lose_database(Contents& contents, const Place& where) {
  role(contents, where).mark->opened = true;
  contents.databases.erase(name_of(where));
}

Plan planned(const Case& row, const Environment& environment) {
  const Place where = place(environment);
  Contents contents = holding({where});
  row.change(contents, where);
  Desired desired = wants({wanted_home(environment)});
  desired.unreadable[repo()].insert(on("other"));
  return plan(desired, sees(contents), {}, kNow);
}

std::size_t alarms(const Plan& made) {
  return static_cast<std::size_t>(std::count_if(made.refused.begin(), made.refused.end(),
                                                [](const Refusal& one) { return one.drift; }));
}

class Row73 : public testing::TestWithParam<Case> {};
TEST_P(Row73, WhatWasChangedOutsideIsPutBackOrSaid) {
  const Plan branch = planned(GetParam(), on("x"));
  EXPECT_EQ(words(branch), GetParam().branch);
  EXPECT_EQ(alarms(branch), GetParam().alarms_of_branch);
  for (const Step& step : branch.steps) EXPECT_TRUE(step.drift) << words(step);
  const Plan production = planned(GetParam(), Production{});
  EXPECT_EQ(words(production), GetParam().production);
  EXPECT_EQ(alarms(production), GetParam().alarms_of_production);
}

INSTANTIATE_TEST_SUITE_P(
    Drift, Row73,
    testing::Values(
        Case{"Owner",
             [](Contents& contents, const Place& where) { database(contents, where).owner = "al"; },
             {"grant shop--x"},
             {},
             0,
             1},
        Case{"AnotherBranchMayConnect",
             [](Contents& contents, const Place& where) {
               add_other(contents);
               database(contents, where).guests = {"shop--other"};
             },
             {"grant shop--x"},
             {"grant shop-production"}},
        Case{"AStrangerMayConnect",
             [](Contents& contents, const Place& where) {
               database(contents, where).guests = {"reader"};
             },
             {},
             {}},
        Case{"Privileges",
             [](Contents& contents, const Place& where) { role(contents, where).elevated = true; },
             {"restrict shop--x"},
             {},
             0,
             1},
        Case{"MemberOfAnotherBranch",
             [](Contents& contents, const Place& where) {
               add_other(contents);
               role(contents, where).member_of = {"shop--other", "team"};
             },
             {"restrict shop--x"},
             {},
             0,
             1},
        Case{"MemberOfWhatTheServerHas",
             [](Contents& contents, const Place& where) {
               role(contents, where).member_of = {"pg_read_server_files"};
             },
             {"restrict shop--x"},
             {},
             0,
             1},
        Case{"DatabaseRenamed", rename_database, {"rename-back shop--x"}, {}, 0, 1},
        Case{"RoleRenamed", rename_role, {"rename-back shop--x"}, {}, 0, 1},
        Case{"BothRenamed",
             [](Contents& contents, const Place& where) {
               rename_role(contents, where);
               rename_database(contents, where);
             },
             {"rename-back shop--x"},
             {},
             0,
             1},
        Case{"RenamedAndCopied",
             [](Contents& contents, const Place& where) {
               copy_note(contents, where);
               rename_database(contents, where);
             },
             {},
             {},
             1,
             1},
        Case{"NoteCopied", copy_note, {}, {}}),
    [](const auto& row) { return row.param.name; });

TEST(Row73Drift, TheNoteOfADatabaseThatIsThereIsNotBelievedElsewhere) {
  const Case row{"", copy_note, {}, {}};
  const Plan made = planned(row, on("x"));
  ASSERT_EQ(made.diagnostics.size(), 1u);
  EXPECT_EQ(made.diagnostics[0].code, "copied-note");
}

TEST(Row73Drift, AProductionDatabaseThatIsGoneIsNotMadeAnew) {
  const Plan made = planned({"", lose_database, {}, {}}, Production{});
  EXPECT_EQ(words(made), Words());
  EXPECT_EQ(alarms(made), 1u);
}

TEST(Row73Drift, ABranchsDatabaseThatIsGoneIsMadeAnew) {
  const Plan made = planned({"", lose_database, {}, {}}, on("x"));
  EXPECT_EQ(words(made), (Words{"create-database shop--x", "grant shop--x"}));
}

TEST(Row73Drift, AnInterruptedCreationOfProductionGoesOn) {
  const auto never_opened = [](Contents& contents, const Place& where) {
    contents.databases.erase(name_of(where));
  };
  const Plan made = planned({"", never_opened, {}, {}}, Production{});
  EXPECT_EQ(words(made), (Words{"create-database shop-production", "grant shop-production"}));
}

TEST(Row73Drift, TheJournalKnowsOfAProductionThatIsGoneWithItsRole) {
  const Place where = place(Production{});
  Observed world = sees(Contents{15, {}, {}});
  world.used.insert(where);
  EXPECT_EQ(words(plan(wants({wanted_home(Production{})}), world, {}, kNow)), Words());
  // Unless a person says so.
  world.accepted.insert({where.home, commit()});
  EXPECT_EQ(words(plan(wants({wanted_home(Production{})}), world, {}, kNow)).size(), 3u);
}

TEST(Row73Drift, ARoleWhoseDatabaseWasRenamedIsNoLeftover) {
  Contents contents = holding({place(on("x"))});
  rename_database(contents, place(on("x")));
  EXPECT_EQ(words(plan(wants({}), sees(contents), {}, kNow)), Words());
}

Observed with_password(std::optional<bool> let_in, int generation, const Environment& environment) {
  Observed world = sees(holding({place(environment)}));
  world.checkups[{instance(), physical_name(place(environment), Rank::first)}] = {0, generation,
                                                                                  let_in, kNow};
  return world;
}

TEST(Row73Drift, AChangedPasswordIsReplacedForABranch) {
  const Desired desired = wants({wanted_home(on("x"))});
  EXPECT_EQ(words(plan(desired, with_password(false, 1, on("x")), {}, kNow)),
            Words{"password shop--x"});
  EXPECT_EQ(words(plan(desired, with_password(true, 1, on("x")), {}, kNow)), Words());
  EXPECT_EQ(words(plan(desired, with_password({}, 1, on("x")), {}, kNow)), Words());
  // It was tried before the present one was set.
  EXPECT_EQ(words(plan(desired, with_password(false, 0, on("x")), {}, kNow)), Words());
  const Plan production =
      plan(wants({wanted_home(Production{})}), with_password(false, 1, Production{}), {}, kNow);
  EXPECT_EQ(words(production), Words());
  EXPECT_EQ(alarms(production), 1u);
}

Desired limited(const Environment& environment, const Limits& limits) {
  WantedHome home = wanted_home(environment);
  home.databases[0].limits = limits;
  return wants({home});
}

TEST(PlannerLimits, DifferentOnesAreSetForAllEnvironments) {
  for (const Environment& environment : {Environment(Production{}), on("x")}) {
    const Observed world = sees(holding({place(environment)}));
    const Plan made =
        plan(limited(environment, {20, milliseconds(60'000), std::nullopt}), world, {}, kNow);
    ASSERT_EQ(made.steps.size(), 1u);
    EXPECT_EQ(made.steps[0].because,
              "connections is without limit, and 20 is asked for; statement_timeout is without "
              "limit, and 1m is asked for");
  }
}

TEST(PlannerLimits, AnOldServerHasNoIdleTimeout) {
  Contents contents = holding({place(on("x"))});
  const Limits limits{{}, {}, {}, milliseconds(5000)};
  contents.version = 13;
  EXPECT_EQ(words(plan(limited(on("x"), limits), sees(contents), {}, kNow)), Words());
  contents.version = 14;
  EXPECT_EQ(words(plan(limited(on("x"), limits), sees(contents), {}, kNow)),
            Words{"restrict shop--x"});
}

struct SizeCase {
  std::string name;
  long long bytes;
  Writes now;
  Writes then;
};

TEST(PlannerLimits, WritesFollowTheSize) {
  const SizeCase cases[] = {
      {"Small", 10, Writes::allowed, Writes::allowed},
      {"AlmostThere", kBudget, Writes::allowed, Writes::allowed},
      {"Over", kBudget + 1, Writes::allowed, Writes::discouraged},
      {"WellOver", kBudget * 2, Writes::allowed, Writes::none},
      {"StillOver", kBudget + 1, Writes::discouraged, Writes::discouraged},
      {"Between", kBudget * 97 / 100, Writes::discouraged, Writes::discouraged},
      {"SmallAgain", kBudget * 94 / 100, Writes::discouraged, Writes::allowed},
      {"LockedStays", kBudget + 1, Writes::none, Writes::none},
      {"UnlockedAgain", 10, Writes::none, Writes::allowed},
  };
  for (const SizeCase& row : cases) {
    SCOPED_TRACE(row.name);
    Contents contents = holding({place(on("x"))});
    SeenRole& login = contents.roles.begin()->second;
    login.writes = row.now;
    login.limits = as_shown({}, row.now, 15);
    Observed world = sees(contents);
    world.checkups[{instance(), *DatabaseName::parse("shop--x")}] = {row.bytes, 1, true, kNow};
    const Plan made = plan(limited(on("x"), {{}, {}, kBudget}), world, {}, kNow);
    EXPECT_EQ(made.steps.empty(), row.now == row.then);
    if (!made.steps.empty()) {
      EXPECT_EQ(std::get<RestrictRole>(made.steps[0].action).writes, row.then);
    }
    EXPECT_EQ(made.refused.empty(), row.then == Writes::allowed);
  }
}

TEST(PlannerLimits, ProductionIsNeverLocked) {
  Observed world = sees(holding({place(Production{})}));
  world.checkups[{instance(), *DatabaseName::parse("shop-production")}] = {kBudget * 9, 1, true,
                                                                           kNow};
  const Plan made = plan(limited(Production{}, {{}, {}, kBudget}), world, {}, kNow);
  EXPECT_TRUE(made.steps.empty());
  ASSERT_EQ(made.diagnostics.size(), 1u);
  EXPECT_EQ(made.diagnostics[0].code, "over-budget");
}

TEST(PlannerExtensions, AreMadeOnceAndBeforeTheMigration) {
  WantedHome home = wanted_home(on("x"), {command("migrate")});
  home.databases[0].extensions = {"citext", "pgcrypto"};
  Observed world = sees(Contents{15, {}, {}});
  const Plan made = plan(wants({home}), world, {}, kNow);
  EXPECT_EQ(words(made), (Words{"create-role shop--x", "create-database shop--x", "grant shop--x",
                                "extensions shop--x", "migrate shop--x"}));
  for (const Step& step : made.steps) world = after(std::move(world), step);
  EXPECT_EQ(words(plan(wants({home}), world, {}, kNow)), Words());
  home.databases[0].extensions.push_back("hstore");
  const Plan more = plan(wants({home}), world, {}, kNow);
  ASSERT_EQ(words(more), Words{"extensions shop--x"});
  EXPECT_EQ(std::get<MakeExtensions>(more.steps[0].action).names,
            std::vector<std::string>{"hstore"});
}

TEST(PlannerTrust, FollowsTheConfiguration) {
  WantedHome home = wanted_home(on("x"));
  home.databases[0].trusted = {
      {"10.0.0.0/8", std::nullopt}, {"192.0.2.1/32", "shop--x"}, {"192.0.2.2/32", "shop--y"}};
  Observed world = sees(holding({place(on("x"))}));
  const Plan made = plan(wants({home}), world, {}, kNow);
  ASSERT_EQ(words(made), Words{"trust shop--x"});
  EXPECT_EQ(std::get<TrustSources>(made.steps[0].action).sources,
            (std::set<TrustedSource>{{"10.0.0.0/8", {}}, {"192.0.2.1/32", {}}}));
  world = after(std::move(world), made.steps[0]);
  home.databases[0].trusted.clear();
  EXPECT_EQ(words(plan(wants({home}), world, {}, kNow)), Words{"trust shop--x"});
}

}  // namespace
}  // namespace bough
