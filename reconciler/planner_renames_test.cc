#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/planner.h"
#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;
using Words = std::vector<std::string>;

const Instant kNow{std::chrono::seconds(1'767'225'600)};

BranchName named(const char* name) {
  return *BranchName::parse(name);
}

Desired there(std::vector<const char*> branches) {
  std::vector<WantedHome> homes;
  for (const char* name : branches) homes.push_back(wanted_home(on(name)));
  Desired desired = wants(std::move(homes));
  for (const char* name : branches) desired.watched[repo()].insert(named(name));
  return desired;
}

/// A server with databases of these branches, which were all there at the last pass.
Observed knew(std::vector<const char*> branches) {
  std::vector<Place> places;
  for (const char* name : branches) places.push_back(place(on(name)));
  Observed world = sees(holding(places));
  for (const char* name : branches)
    world.activity.emplace(std::pair(repo(), named(name)), Activity{commit(), kNow});
  return world;
}

Words planned(const Desired& desired, const Observed& observed) {
  return words(plan(desired, observed, {}, kNow));
}

TEST(Renames, ADatabaseGoesWithItsBranch) {
  Observed world = knew({"old"});
  const Plan made = plan(there({"new"}), world, {}, kNow);
  EXPECT_EQ(words(made), Words{"move shop--old"});
  EXPECT_EQ(made.steps[0].because, "branch old was renamed to new");
  for (const Step& step : made.steps) world = after(std::move(world), step);
  EXPECT_EQ(planned(there({"new"}), world), Words{});
}

TEST(Renames, TheOldNameIsFreeForAnotherBranch) {
  Observed world = knew({"old"});
  for (const Step& step : plan(there({"new"}), world, {}, kNow).steps)
    world = after(std::move(world), step);
  const std::string other = aside_name(physical_name(place(on("old")), Rank::first), 1000).text();
  const Words fresh{"create-role " + other, "create-database " + other, "grant " + other};
  const Plan made = plan(there({"new", "old"}), world, {}, kNow);
  EXPECT_EQ(words(made), fresh);
  for (const Step& step : made.steps) world = after(std::move(world), step);
  EXPECT_EQ(planned(there({"new", "old"}), world), Words{});
}

TEST(Renames, ANewerServerIsNoReasonToStayBehind) {
  Observed world = knew({"old"});
  world.instances.emplace(instance("dev-pg18"), NotCreated{18});
  Desired desired = there({"new"});
  desired.homes[0].databases[0].any_version = true;
  desired.homes[0].databases[0].instance = instance("dev-pg18");
  const Desired asked = settled(desired, world);
  EXPECT_EQ(asked.homes[0].databases[0].instance, instance());
  EXPECT_EQ(planned(asked, world), Words{"move shop--old"});
}

TEST(Renames, WhatFailedBeforeWaitsUnderTheNewName) {
  Desired desired = there({"new"});
  desired.homes[0].databases[0].migrations = {command("migrate")};
  const RunKey before{home(on("old")), "db", commit(),
                      digest(desired.homes[0].databases[0].migrations)};
  for (const RunState state : {RunState::failed, RunState::timed_out}) {
    Observed world = knew({"old"});
    world.runs[before] = state;
    const Plan made = plan(desired, world, {}, kNow);
    EXPECT_EQ(words(made), Words{"move shop--old"});
    EXPECT_EQ(made.refused.size(), 1U);
  }
}

TEST(Renames, OnlyWhatIsPlainIsARename) {
  const Words anew{"create-role shop--new", "create-database shop--new", "grant shop--new",
                   "held shop--old"};
  Observed other = knew({"old"});
  other.activity.begin()->second.tip = commit('b');
  EXPECT_EQ(planned(there({"new"}), other), anew) << "another commit";
  Observed known = knew({"old"});
  known.activity.emplace(std::pair(repo(), named("new")), Activity{commit(), kNow});
  EXPECT_EQ(planned(there({"new"}), known), anew) << "the new branch was there before";
  Observed forgotten = knew({"old"});
  forgotten.activity.clear();
  EXPECT_EQ(planned(there({"new"}), forgotten), anew) << "nothing is known";
  EXPECT_EQ(planned(there({"new", "old"}), knew({"old"})), Words(anew.begin(), anew.begin() + 3))
      << "the old one is there still";
}

TEST(Renames, TwoCandidatesAreNone) {
  EXPECT_THAT(planned(there({"new"}), knew({"a", "b"})),
              testing::Not(testing::Contains(testing::StartsWith("move"))));
  EXPECT_THAT(planned(there({"n1", "n2"}), knew({"old"})),
              testing::Not(testing::Contains(testing::StartsWith("move"))));
}

TEST(Renames, AHeldDatabaseOfTheNewNameComesFirst) {
  Observed world = knew({"old", "new"});
  world.activity.erase({repo(), named("new")});
  auto& contents = std::get<Contents>(world.instances.begin()->second);
  contents.databases["shop--new"].mark->standing = Held{kNow};
  contents.roles["shop--new"] = {false, contents.databases["shop--new"].mark};
  EXPECT_EQ(planned(there({"new"}), world), (Words{"active shop--new", "held shop--old"}));
}

}  // namespace
}  // namespace bough
