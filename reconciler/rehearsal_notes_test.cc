#include "reconciler/rehearsal_notes.h"

#include <gtest/gtest.h>

#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;

WantedHome migrating(const Environment& environment) {
  return wanted_home(environment, {command("migrate")});
}

Observed production_at(char digit) {
  Contents contents = holding({place(Production{})});
  contents.databases.begin()->second.mark->migrated = Migrated{commit(digit), "d"};
  return sees(contents);
}

std::vector<RehearsalRecord> of(const Desired& desired, const Observed& observed,
                                const std::map<RehearsalKey, RehearsalRecord>& kept = {}) {
  return rehearsals_of(desired, observed, kept);
}

TEST(RehearsalNotes, AreOfBranchesWithMigrationsOnly) {
  const Desired desired = wants({migrating(Production{}), migrating(on("x")),
                                 migrating(Preview{commit()}), wanted_home(on("y"))});
  const auto all = of(desired, production_at('a'));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().key.home, home(on("x")));
  EXPECT_EQ(all.front().state, RehearsalState::none);
}

TEST(RehearsalNotes, AreKnownAgainUntilSomethingChanges) {
  const Desired desired = wants({migrating(on("x"))});
  const RehearsalKey key = of(desired, production_at('a')).front().key;
  const std::map<RehearsalKey, RehearsalRecord> kept{{key, {key, RehearsalState::succeeded, "{}"}}};
  EXPECT_EQ(of(desired, production_at('a'), kept).front().state, RehearsalState::succeeded);
  EXPECT_EQ(of(desired, production_at('b'), kept).front().state, RehearsalState::none);
  Desired pushed = desired;
  pushed.homes.front().commit = commit('c');
  EXPECT_EQ(of(pushed, production_at('a'), kept).front().state, RehearsalState::none);
  Desired other = desired;
  other.homes.front().databases.front().migrations = {command("other")};
  EXPECT_EQ(of(other, production_at('a'), kept).front().state, RehearsalState::none);
}

struct Case {
  const char* name;
  std::function<void(Desired&, Observed&, std::vector<RehearsalRecord>&)> change;
  std::size_t expected;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class Due : public testing::TestWithParam<Case> {};
TEST_P(Due, IsWhatMayBeTriedAndWasNot) {
  Desired desired = wants({migrating(on("x"))});
  Observed observed = production_at('a');
  auto all = of(desired, observed);
  GetParam().change(desired, observed, all);
  EXPECT_EQ(due(all, desired, observed).size(), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Each, Due,
    testing::Values(
        Case{"Untried", [](Desired&, Observed&, auto&) {}, 1},
        Case{"UnderWay",
             [](Desired&, Observed&, auto& all) { all.front().state = RehearsalState::running; },
             0},
        Case{"Failed",
             [](Desired&, Observed&, auto& all) { all.front().state = RehearsalState::failed; }, 0},
        Case{"Refused",
             [](Desired& desired, Observed&, auto&) { desired.homes[0].runs_refused = "no"; }, 0},
        Case{"WaitsForABuild",
             [](Desired& desired, Observed&, auto&) { desired.homes[0].wait_for = "ci"; }, 0},
        Case{"Built",
             [](Desired& desired, Observed& observed, auto&) {
               desired.homes[0].wait_for = "ci";
               observed.reports.push_back({repo(), commit(), "ci", "", true, "t"});
             },
             1},
        Case{"AServerIsSilent",
             [](Desired&, Observed& observed, auto&) {
               observed.instances.insert_or_assign(instance("other"), Unreachable{"down"});
             },
             0}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace bough
