#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "reconciler/planner_parts.h"
#include "reconciler/testing.h"

namespace bough::testing_world {

inline const Target* target_of(const Action& action) {
  return std::visit(Match{[](const StartInstance&) -> const Target* { return nullptr; },
                          [](const Build&) -> const Target* { return nullptr; },
                          [](const FillTemplate&) -> const Target* { return nullptr; },
                          [](const MakeSpare&) -> const Target* { return nullptr; },
                          [](const DropStock&) -> const Target* { return nullptr; },
                          [](const auto& other) -> const Target* { return &other.at; }},
                    action);
}

inline const Contents* contents_of(const Observed& world, const InstanceName& name) {
  const auto found = world.instances.find(name);
  return found == world.instances.end() ? nullptr : std::get_if<Contents>(&found->second);
}

/// Rule 2 for one step, on the world just before it.
inline void expect_only_ours(const Observed& world, const Target& at) {
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
inline void expect_our_copy(const Observed& world, const DropImage& drop) {
  const Contents* contents = contents_of(world, drop.at.instance);
  ASSERT_TRUE(contents);
  const SeenDatabase& image = contents->databases.at(drop.image.text());
  EXPECT_TRUE(image.mark ? image.mark->place == drop.at.place
                         : !image.open && image.owner == drop.at.name.text());
}

/// Rule 3 for one step.
inline void expect_production_is_safe(const Step& step, const Target& at) {
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
inline void expect_no_production_drop(const Observed& world, const Step& step, const Target& at) {
  if (!is_production(at.place.home.environment) ||
      !std::holds_alternative<DropDatabase>(step.action))
    return;
  const SeenDatabase& database = contents_of(world, at.instance)->databases.at(at.name.text());
  EXPECT_TRUE(!database.mark && !database.open && database.broken) << at.name.text();
}

inline void expect_known(const Desired& desired, const Step& step) {
  const auto home = home_of(step.action);
  if (!home) return;
  EXPECT_TRUE(desired.speaks_for.contains(home->repository));
  const auto unreadable = desired.unreadable.find(home->repository);
  EXPECT_FALSE(unreadable != desired.unreadable.end() &&
               unreadable->second.contains(home->environment))
      << title(home->environment);
}

inline Observed carried_out(const Desired& desired, Observed world, const Plan& made) {
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

}  // namespace bough::testing_world
