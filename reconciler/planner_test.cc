#include "reconciler/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/planner_case_test.h"

namespace bough {
namespace {

using namespace testing_world;

using Case = PlannerCase;

class Planner : public testing::TestWithParam<Case> {};
TEST_P(Planner, PlansJustThis) {
  expect_just_these_steps(GetParam());
}

const Words kFresh{"create-role shop--x", "create-database shop--x", "grant shop--x"};

Observed foreign(bool with_database, bool with_role) {
  Contents contents{15, {}, {}};
  if (with_database) contents.databases["shop--x"] = {"alice", true, false, true, std::nullopt};
  if (with_role) contents.roles["shop--x"] = {true, std::nullopt};
  return sees(contents);
}

Observed only_role() {
  Contents contents = holding({place(on("x"))});
  contents.databases.clear();
  return sees(contents);
}

Observed half_created() {
  Contents contents = holding({place(on("x"))});
  contents.databases["shop--x"] = {"shop--x", false, false, true, std::nullopt};
  return sees(contents);
}

Observed elsewhere(Environment environment) {
  Observed world = sees(Contents{16, {}, {}});
  world.instances.emplace(instance("old-pg"), holding({place(environment)}));
  return world;
}

Desired unreadable(Environment environment) {
  Desired desired = wants({});
  desired.unreadable[repo()].insert(environment);
  return desired;
}

Desired silent() {
  return {};
}

std::vector<Case> databases() {
  return {
      {"NewBranch", wants({wanted_home(on("x"))}), sees(Contents{15, {}, {}}), kFresh},
      {"SettledBranch", wants({wanted_home(on("x"))}), sees(holding({place(on("x"))})), {}},
      {"BranchGoneIsHeld", wants({}), sees(holding({place(on("x"))})), {"held shop--x"}},
      {"ProductionGoneIsDetached",
       wants({}),
       sees(holding({place(Production{})})),
       {"detached shop-production"}},
      {"HeldStaysHeld",
       wants({}),
       changed([](auto& db, auto&) {
         db.mark->standing = Held{kNow, false};
       }),
       {}},
      {"HeldComesBack",
       wants({wanted_home(on("x"))}),
       changed([](auto& db, auto& role) {
         db.mark->standing = Held{kNow, false};
         role.can_login = false;
       }),
       {"active shop--x"}},
      {"SuspendedIsLeftAlone",
       wants({wanted_home(on("x"), {command("m")})}),
       changed([](auto& db, auto&) { db.mark->standing = Suspended{kNow}; }),
       {}},
      {"UnreadableBranchKeepsItsDatabase",
       unreadable(on("x")),
       sees(holding({place(on("x"))})),
       {}},
      {"UnreadableRepositoryKeepsEverything", silent(), sees(holding({place(on("x"))})), {}},
      {"UnreachableServerGetsNothing",
       wants({wanted_home(on("x"))}),
       sees(Unreachable{"down"}),
       {},
       1},
      {"MissingVersionIsRefused", wants({wanted_home(on("x"))}), sees(Unavailable{"no 16"}), {}, 1},
      {"DevInstanceIsStartedFirst",
       wants({wanted_home(on("x"))}),
       sees(NotCreated{15}),
       {"start main-pg", "create-role shop--x", "create-database shop--x", "grant shop--x"}},
      {"StrangersDatabaseIsRefused", wants({wanted_home(on("x"))}), foreign(true, false), {}, 1},
      {"StrangersRoleIsRefused", wants({wanted_home(on("x"))}), foreign(false, true), {}, 1},
      {"LeftoverRoleIsUsed",
       wants({wanted_home(on("x"))}),
       only_role(),
       {"create-database shop--x", "grant shop--x"}},
      {"LeftoverRoleOfNobodyGoes", wants({}), only_role(), {"drop-role shop--x"}},
      {"HalfCreatedIsFinished", wants({wanted_home(on("x"))}), half_created(), {"grant shop--x"}},
      {"HalfCreatedOfNobodyGoes",
       wants({}),
       half_created(),
       {"drop-database shop--x", "drop-role shop--x"}},
      {"PublicAccessIsWithdrawn",
       wants({wanted_home(on("x"))}),
       changed([](auto& db, auto&) { db.public_access = true; }),
       {"grant shop--x"}},
      {"LoginIsGivenBack",
       wants({wanted_home(on("x"))}),
       changed([](auto&, auto& role) { role.can_login = false; }),
       {"grant shop--x"}},
      {"InterruptedDropOfABranchStartsAnew",
       wants({wanted_home(on("x"))}),
       changed([](auto& db, auto&) { db.broken = true; }),
       {"drop-database shop--x", "create-database shop--x", "grant shop--x"}},
      {"InterruptedDropOfProductionIsRefused",
       wants({wanted_home(Production{})}),
       changed([](auto& db, auto&) { db.broken = true; }, Production{}),
       {},
       1},
      {"OtherInstanceMakesANewBranchDatabase",
       wants({wanted_home(on("x"))}),
       elsewhere(on("x")),
       {"create-role shop--x", "create-database shop--x", "grant shop--x", "held shop--x"}},
      {"OtherInstanceForProductionIsRefused",
       wants({wanted_home(Production{})}),
       elsewhere(Production{}),
       {},
       1},
  };
}
INSTANTIATE_TEST_SUITE_P(Databases, Planner, testing::ValuesIn(databases()),
                         [](const auto& row) { return row.param.name; });

Observed many(int count) {
  std::vector<Place> places;
  for (int i = 0; i < count; ++i) places.push_back(place(on("b" + std::to_string(i))));
  return sees(holding(places));
}

std::size_t asking(const Plan& made) {
  std::size_t count = 0;
  for (const Step& step : made.steps)
    if (const auto* set = std::get_if<SetStanding>(&step.action))
      if (const auto* held = std::get_if<Held>(&set->mark.standing)) count += held->ask ? 1 : 0;
  return count;
}

TEST(MassDeletion, HoldsAllAndAsksBeyondTheLimit) {
  EXPECT_EQ(asking(plan(wants({}), many(3), {}, kNow)), 0U);
  EXPECT_EQ(asking(plan(wants({}), many(4), {}, kNow)), 4U);
}

TEST(MassDeletion, AllowsAFifthOfALargeRepository) {
  Desired desired = wants({});
  for (int i = 0; i < 80; ++i) desired.homes.push_back(wanted_home(on("b" + std::to_string(i))));
  EXPECT_EQ(asking(plan(desired, many(100), {}, kNow)), 0U);
  desired.homes.pop_back();
  EXPECT_EQ(asking(plan(desired, many(100), {}, kNow)), 21U);
}

TEST(AnyVersion, StaysOnTheInstanceWhereItIs) {
  Desired desired = wants({wanted_home(Production{}), wanted_home(on("x"))});
  Observed world = sees(Contents{16, {}, {}});
  world.instances.emplace(instance("old-pg"), holding({place(Production{}), place(on("x"))}));
  EXPECT_EQ(plan(settled(desired, world), world, {}, kNow).refused.size(), 1U);
  for (WantedHome& home : desired.homes) home.databases[0].any_version = true;
  const Plan made = plan(settled(desired, world), world, {}, kNow);
  EXPECT_EQ(words(made), Words());
  EXPECT_TRUE(made.refused.empty());
}

TEST(SecondDatabase, TakesTheLongNameWhenASiblingHasTheShortOne) {
  WantedHome both = wanted_home(on("x"));
  both.databases.push_back(wanted(place(on("x"), "new")));
  const Plan made = plan(wants({both}), sees(holding({place(on("x"))})), {}, kNow);
  EXPECT_EQ(words(made),
            (Words{"create-role shop_new--x", "create-database shop_new--x", "grant shop_new--x"}));
}

}  // namespace
}  // namespace bough
