#include "reconciler/lanes.h"

#include <gtest/gtest.h>

#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;

Target at(const char* branch, const char* name) {
  return {instance(), place(on(branch)), *DatabaseName::parse(name)};
}

std::vector<std::vector<std::string>> lanes(std::vector<Action> actions) {
  Plan plan;
  for (Action& action : actions) plan.steps.push_back({std::move(action), "", false});
  std::vector<std::vector<std::string>> result;
  for (const auto& lane : lanes_of(plan)) {
    result.emplace_back();
    for (const Step& step : lane) result.back().push_back(words(step));
  }
  return result;
}

using Lanes = std::vector<std::vector<std::string>>;

TEST(Lanes, HomesGoOnBesideEachOther) {
  EXPECT_EQ(lanes({DropRole{at("x", "one")}, DropRole{at("y", "two")}, DropRole{at("x", "three")}}),
            (Lanes{{"drop-role one", "drop-role three"}, {"drop-role two"}}));
}

TEST(Lanes, WhatBelongsToNoHomeIsInNone) {
  EXPECT_EQ(lanes({StartInstance{instance(), 16}}), Lanes());
}

TEST(Lanes, ADatabaseIsPutBackBeforeItMoves) {
  const Mark old = mark(place(on("old")));
  Mark image = old;
  image.standing = Image{};
  const Target before = at("old", "shop--old");
  EXPECT_EQ(
      lanes({PutBack{before, old, image}, DropImage{before, image.name},
             DropRole{at("other", "another")}, MoveDatabase{at("new", "shop--old"), old},
             DropRole{at("new", "new-one")}}),
      (Lanes{{"put-back shop--old", "drop-copy shop--old", "move shop--old", "drop-role new-one"},
             {"drop-role another"}}));
}

}  // namespace
}  // namespace bough
