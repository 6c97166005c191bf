#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "reconciler/planner.h"
#include "reconciler/planner_parts.h"
#include "reconciler/planner_worlds_test.h"
#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;

/// BOUGH_WORLDS, or as many as sanitizers let pass in half a minute.
unsigned count_of_worlds() {
  const char* wish = std::getenv("BOUGH_WORLDS");
  return wish ? static_cast<unsigned>(std::strtoul(wish, nullptr, 10)) : 1500;
}
const unsigned kWorlds = count_of_worlds();

const Target* target_of(const Action& action) {
  return std::visit(Match{[](const StartInstance&) -> const Target* { return nullptr; },
                          [](const Build&) -> const Target* { return nullptr; },
                          [](const FillTemplate&) -> const Target* { return nullptr; },
                          [](const MakeSpare&) -> const Target* { return nullptr; },
                          [](const DropStock&) -> const Target* { return nullptr; },
                          [](const auto& other) -> const Target* { return &other.at; }},
                    action);
}

const Contents* contents_of(const Observed& world, const InstanceName& name) {
  const auto found = world.instances.find(name);
  return found == world.instances.end() ? nullptr : std::get_if<Contents>(&found->second);
}

/// Rule 2 for one step, on the world just before it.
void expect_only_ours(const Observed& world, const Target& at) {
  const Contents* contents = contents_of(world, at.instance);
  ASSERT_TRUE(contents) << "a step for a server that did not answer";
  const auto role = contents->roles.find(at.name.text());
  const bool our_role =
      role != contents->roles.end() && role->second.mark && role->second.mark->place == at.place;
  EXPECT_TRUE(our_role || role == contents->roles.end()) << at.name.text();
  const auto database = contents->databases.find(at.name.text());
  if (database == contents->databases.end()) return;
  const bool ours = database->second.mark && database->second.mark->place == at.place;
  const bool half = !database->second.mark && !database->second.open && our_role;
  EXPECT_TRUE(ours || half) << at.name.text();
}

/// The same for a copy: it bears the place's mark, or is closed still and owned by its login.
void expect_our_copy(const Observed& world, const DropImage& drop) {
  const Contents* contents = contents_of(world, drop.at.instance);
  ASSERT_TRUE(contents);
  const SeenDatabase& image = contents->databases.at(drop.image.text());
  EXPECT_TRUE(image.mark ? image.mark->place == drop.at.place
                         : !image.open && image.owner == drop.at.name.text());
}

/// Rule 3 for one step.
void expect_production_is_safe(const Step& step, const Target& at) {
  if (!is_production(at.place.home.environment)) return;
  EXPECT_FALSE(std::holds_alternative<DropRole>(step.action)) << at.name.text();
  EXPECT_FALSE(std::holds_alternative<SetAside>(step.action)) << at.name.text();
  EXPECT_FALSE(std::holds_alternative<KeepImage>(step.action)) << at.name.text();
  EXPECT_FALSE(std::holds_alternative<PutBack>(step.action)) << at.name.text();
  EXPECT_FALSE(std::holds_alternative<DropImage>(step.action)) << at.name.text();
  EXPECT_FALSE(std::holds_alternative<Seed>(step.action)) << at.name.text();
  const auto* set = std::get_if<SetStanding>(&step.action);
  EXPECT_FALSE(set && std::holds_alternative<Held>(set->mark.standing)) << at.name.text();
}

/// Only an unopened leftover of an interrupted creation may be dropped there.
void expect_no_production_drop(const Observed& world, const Step& step, const Target& at) {
  if (!is_production(at.place.home.environment) ||
      !std::holds_alternative<DropDatabase>(step.action))
    return;
  const SeenDatabase& database = contents_of(world, at.instance)->databases.at(at.name.text());
  EXPECT_TRUE(!database.mark && !database.open && database.broken) << at.name.text();
}

void expect_known(const Desired& desired, const Step& step) {
  const auto home = home_of(step.action);
  if (!home) return;
  EXPECT_TRUE(desired.speaks_for.contains(home->repository));
  const auto unreadable = desired.unreadable.find(home->repository);
  EXPECT_FALSE(unreadable != desired.unreadable.end() &&
               unreadable->second.contains(home->environment))
      << title(home->environment);
}

Observed carried_out(const Desired& desired, Observed world, const Plan& made) {
  for (const Step& step : made.steps) {
    expect_known(desired, step);
    if (const Target* at = target_of(step.action)) {
      const auto* drop = std::get_if<DropImage>(&step.action);
      drop ? expect_our_copy(world, *drop) : expect_only_ours(world, *at);
      expect_production_is_safe(step, *at);
      expect_no_production_drop(world, step, *at);
    }
    world = after(std::move(world), step);
  }
  return world;
}

// A second one may follow what the first one frees or makes: a name, production for copies.
TEST(PlannerProperty, CarriedOutPlansLeaveNothingToPlan) {
  unsigned again = 0;
  for (unsigned seed = 0; seed < kWorlds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Worlds worlds(seed);
    Desired desired = worlds.desired();
    Observed world = worlds.observed();
    worlds.random_runs(desired, world);
    worlds.random_histories(desired, world);
    worlds.random_jobs(desired, world);
    worlds.random_checkups(world);
    const Plan first = plan(desired, world, {}, kNow);
    const Observed then = carried_out(desired, world, first);
    Plan second = plan(desired, then, {}, kNow + std::chrono::hours(1));
    const auto between = words(second);
    if (!second.steps.empty()) {
      ++again;
      second = plan(desired, carried_out(desired, then, second), {}, kNow + std::chrono::hours(1));
    }
    ASSERT_EQ(words(second), std::vector<std::string>())
        << testing::PrintToString(words(first)) << "\nthen " << testing::PrintToString(between);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_LT(again, kWorlds / 20);
}

TEST(PlannerProperty, NothingIsPlannedForAnEmptyDesire) {
  for (unsigned seed = 0; seed < kWorlds; ++seed)
    ASSERT_TRUE(plan({}, Worlds(seed).observed(), {}, kNow).steps.empty()) << seed;
}

TEST(PlannerProperty, EveryWantIsMetOrRefused) {
  for (unsigned seed = 0; seed < kWorlds; ++seed) {
    Worlds worlds(seed);
    const Desired desired = worlds.desired();
    const Observed world = worlds.observed();
    const Plan made = plan(desired, world, {}, kNow);
    const Observed then = carried_out(desired, world, made);
    std::set<Place> met;
    for (const auto& [name, seen] : then.instances)
      if (const auto* contents = std::get_if<Contents>(&seen))
        for (const auto& [object, database] : contents->databases)
          if (database.mark) met.insert(database.mark->place);
    for (const Refusal& refusal : made.refused)
      if (refusal.place) met.insert(*refusal.place);
    for (const WantedHome& home : desired.homes)
      for (const Wanted& one : home.databases)
        ASSERT_TRUE(met.contains(one.place)) << "seed " << seed << " " << address(one.place);
  }
}

}  // namespace
}  // namespace bough
