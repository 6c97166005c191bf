#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "reconciler/planner.h"
#include "reconciler/planner_case_test.h"

namespace bough {
namespace {

using namespace testing_world;
using namespace std::chrono_literals;

constexpr auto kHold = 24h * 7;

Desired keeps(std::vector<WantedHome> homes, Keeping keeping = {kHold, true, std::nullopt}) {
  Desired desired = wants(std::move(homes));
  desired.keeping.emplace(repo(), keeping);
  return desired;
}

/// A server with the database of branch x, held since then.
Observed held(Instant since, bool ask = false) {
  return changed([&](SeenDatabase& database, SeenRole& role) {
    database.mark->standing = Held{since, ask, false};
    role = {false, database.mark};
  });
}

/// The database of branch x, and one that was set aside from it.
Observed with_aside(Instant since, Observed world) {
  auto& contents = std::get<Contents>(world.instances.begin()->second);
  Mark aside = mark(place(on("x")), Held{since, false, true});
  aside.name = aside_name(aside.name, 1);
  contents.databases[aside.name.text()] = {"admin", true, false, false, aside};
  return world;
}

std::string aside() {
  return aside_name(physical_name(place(on("x")), Rank::first), 1).text();
}

Observed undumpable(Observed world) {
  world.no_dumps[instance()] = "there is no pg_dump";
  return world;
}

Observed broken(Observed world) {
  for (auto& [name, database] : std::get<Contents>(world.instances.begin()->second).databases)
    database.broken = true;
  return world;
}

using Case = PlannerCase;

class Holds : public testing::TestWithParam<Case> {};
TEST_P(Holds, EndLikeThis) {
  expect_just_these_steps(GetParam());
}

const Words kEnd{"dump shop--x", "drop-database shop--x", "drop-role shop--x"};

INSTANTIATE_TEST_SUITE_P(
    All, Holds,
    testing::Values(
        Case{"BeforeItIsOverNothingHappens", keeps({}), held(kNow - kHold + 1ms), {}},
        Case{"ThenItIsDumpedAndDropped", keeps({}), held(kNow - kHold), kEnd},
        Case{"WithoutADumpWhenNoneIsWanted",
             keeps({}, {kHold, false, std::nullopt}),
             held(kNow - kHold),
             {"drop-database shop--x", "drop-role shop--x"}},
        Case{"APersonIsAskedFirst", keeps({}), held(kNow - 2 * kHold, true), {}},
        Case{"WithoutAWordOnHoldsNoneEnds", wants({}), held(kNow - 2 * kHold), {}},
        Case{"ABranchThatReturnsResumesIt",
             keeps({wanted_home(on("x"))}),
             held(kNow - 2 * kHold),
             {"active shop--x"}},
        Case{"WhatCannotBeDumpedStays", keeps({}), undumpable(held(kNow - kHold)), {}, 1},
        Case{"WhatNeedsNoDumpGoesAllTheSame",
             keeps({}, {kHold, false, std::nullopt}),
             undumpable(held(kNow - kHold)),
             {"drop-database shop--x", "drop-role shop--x"}},
        Case{"WhatWasSetAsideEndsBesideItsSuccessor",
             keeps({wanted_home(on("x"))}),
             with_aside(kNow - kHold, sees(holding({place(on("x"))}))),
             {"dump " + aside(), "drop-database " + aside()}},
        Case{"TheRoleGoesWithTheLast",
             keeps({}),
             with_aside(kNow - kHold, held(kNow - kHold)),
             {"dump shop--x", "drop-database shop--x", "dump " + aside(),
              "drop-database " + aside(), "drop-role shop--x"}},
        Case{"TheRoleStaysForWhatItOwns",
             keeps({}),
             with_aside(kNow, held(kNow - kHold)),
             {"dump shop--x", "drop-database shop--x"}},
        Case{"AnInterruptedDropIsFinished",
             keeps({}),
             broken(held(kNow - kHold)),
             {"drop-database shop--x", "drop-role shop--x"}}),
    [](const auto& row) { return row.param.name; });

TEST(Holds, AnUnreadableBranchKeepsWhatWasSetAside) {
  Desired desired = keeps({});
  desired.unreadable[repo()].insert(on("x"));
  EXPECT_EQ(words(plan(desired, with_aside(kNow - kHold, held(kNow - kHold)), {}, kNow)), Words{});
}

TEST(Holds, ADetachedProductionNeverEnds) {
  const Observed world = changed(
      [&](SeenDatabase& database, SeenRole& role) {
        database.mark->standing = Detached{kNow - 100 * kHold};
        role = {false, database.mark};
      },
      Production{});
  EXPECT_EQ(words(plan(keeps({}), world, {}, kNow)), Words{});
}

TEST(Holds, WhatACommandBroughtBackStaysForAHold) {
  const auto renewed = [](Instant at) {
    return changed([&](SeenDatabase& database, SeenRole&) { database.mark->renewed = at; });
  };
  EXPECT_EQ(words(plan(keeps({}), renewed(kNow - kHold + 1ms), {}, kNow)), Words{});
  EXPECT_EQ(words(plan(keeps({}), renewed(kNow - kHold), {}, kNow)), Words{"held shop--x"});
}

TEST(Holds, ScratchCopiesThatNobodyMakesAreRemoved) {
  Observed world = sees(holding({place(on("x"))}));
  auto& contents = std::get<Contents>(world.instances.begin()->second);
  Mark copy = mark(place(on("x")), Scratch{});
  copy.name = scratch_name(copy.name);
  const std::string name = copy.name.text();
  contents.roles[name] = {true, copy};
  const Desired desired = keeps({wanted_home(on("x"))});
  EXPECT_EQ(words(plan(desired, world, {}, kNow)), Words{"drop-role " + name});
  contents.databases[name] = {name, false, false, true, std::nullopt};  // half made
  EXPECT_EQ(words(plan(desired, world, {}, kNow)),
            (Words{"drop-database " + name, "drop-role " + name}));
  contents.databases[name] = {name, true, false, false, copy};
  EXPECT_EQ(words(plan(desired, world, {}, kNow)),
            (Words{"drop-database " + name, "drop-role " + name}));
  contents.databases[name] = {"alice", true, false, true, std::nullopt};  // a stranger's
  EXPECT_EQ(words(plan(desired, world, {}, kNow)), Words{"drop-role " + name});
}

Observed used(Instant at, Observed world = sees(holding({place(on("x"))}))) {
  world.activity.insert_or_assign({repo(), *BranchName::parse("x")}, Activity{commit(), at});
  return world;
}

TEST(TimeToLive, HoldsABranchThatNobodyPushesTo) {
  const Desired desired = keeps({wanted_home(on("x"))}, {kHold, true, 24h});
  EXPECT_EQ(words(plan(desired, used(kNow - 24h + 1ms), {}, kNow)), Words{});
  const Plan made = plan(desired, used(kNow - 24h), {}, kNow);
  EXPECT_EQ(words(made), Words{"held shop--x"});
  EXPECT_THAT(made.steps[0].because, testing::HasSubstr("nobody pushed to branch x"));
}

TEST(TimeToLive, EndsInADumpAndNothingIsMadeAnew) {
  const Desired desired = keeps({wanted_home(on("x"))}, {kHold, true, 24h});
  Observed world = used(kNow - 24h, held(kNow - kHold));
  const Plan made = plan(desired, world, {}, kNow);
  EXPECT_EQ(words(made), kEnd);
  for (const Step& step : made.steps) world = after(std::move(world), step);
  EXPECT_EQ(words(plan(desired, world, {}, kNow)), Words{});
}

TEST(TimeToLive, IsRenewedByAPushACommandAndALostJournal) {
  const Desired desired = keeps({wanted_home(on("x"))}, {kHold, true, 24h});
  Observed pushed = used(kNow - 48h, held(kNow - 1h));
  pushed.activity.begin()->second.tip = commit('b');
  EXPECT_EQ(words(plan(desired, pushed, {}, kNow)), Words{"active shop--x"});
  Observed asked = used(kNow - 48h, held(kNow - 1h));
  std::get<Contents>(asked.instances.begin()->second).databases["shop--x"].mark->renewed =
      kNow - 1h;
  EXPECT_EQ(words(plan(desired, asked, {}, kNow)), Words{"active shop--x"});
  EXPECT_EQ(words(plan(desired, held(kNow - 1h), {}, kNow)), Words{"active shop--x"});
}

TEST(TimeToLive, IsNotForProduction) {
  Desired desired = keeps({wanted_home(Production{})}, {kHold, true, 24h});
  EXPECT_EQ(words(plan(desired, used(kNow - 240h, sees(holding({place(Production{})}))), {}, kNow)),
            Words{});
}

/// Row 79: five thousand branches deleted at once.
TEST(Row79, AMassDeletionIsHeldAndAsks) {
  std::vector<Place> places;
  for (int number = 0; number < 5000; ++number)
    places.push_back(place(on("b" + std::to_string(number))));
  Observed world = sees(holding(places));
  const Plan first = plan(keeps({}), world, {}, kNow);
  EXPECT_EQ(first.steps.size(), 5000U);
  for (const Step& step : first.steps) world = after(std::move(world), step);
  EXPECT_EQ(words(plan(keeps({}), world, {}, kNow + 100 * kHold)), Words{});
}

TEST(Row79, ManyBranchesAtOnceArePlannedOnce) {
  std::vector<WantedHome> homes;
  for (int number = 0; number < 1000; ++number)
    homes.push_back(wanted_home(on("b" + std::to_string(number))));
  Observed world = sees(Contents{15, {}, {}});
  const Plan made = plan(keeps(homes), world, {}, kNow);
  EXPECT_EQ(made.steps.size(), 3000U);
  EXPECT_TRUE(made.refused.empty());
}

/// Whatever the clock does: nothing goes before its hold is over, and what goes was dumped.
TEST(HoldsProperty, Row94_NothingGoesEarlyOrUndumped) {
  std::mt19937 random(7);
  for (int world_number = 0; world_number < 2000; ++world_number) {
    const auto hold = std::chrono::milliseconds(random() % 5 * 1000);
    const Instant since = kNow + std::chrono::milliseconds(random() % 10'000);
    const bool ask = random() % 4 == 0;
    Observed world = held(since, ask);
    if (random() % 2 == 0) world = with_aside(since + 500ms, world);
    Instant now = kNow;
    for (int look = 0; look < 8; ++look) {
      now += std::chrono::milliseconds(static_cast<int>(random() % 6000) - 2000);
      const Plan made = plan(keeps({}, {hold, true, std::nullopt}), world, {}, now);
      std::set<std::string> dumped;
      for (const Step& step : made.steps) {
        if (const auto* dump = std::get_if<DumpDatabase>(&step.action))
          dumped.insert(dump->at.name.text());
        if (const auto* drop = std::get_if<DropDatabase>(&step.action)) {
          ASSERT_TRUE(dumped.contains(drop->at.name.text()));
          ASSERT_TRUE(drop->only);
          const auto& standing = std::get<Held>(drop->only->standing);
          ASSERT_GE(now, standing.since + hold);
          ASSERT_FALSE(standing.ask);
        }
        world = after(std::move(world), step);
      }
      ASSERT_EQ(words(plan(keeps({}, {hold, true, std::nullopt}), world, {}, now)), Words{});
    }
  }
}

}  // namespace
}  // namespace bough
