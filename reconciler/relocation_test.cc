#include "reconciler/relocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/planner.h"
#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Instant kNow{std::chrono::seconds(1'767'225'600)};
const InstanceName kOld = instance("dev-pg15");
const InstanceName kNew = instance("dev-pg16");
const Place kPlace = place(Production{});

Observed world() {
  Contents old = holding({kPlace});
  old.databases.begin()->second.mark->migrated = Migrated{commit(), "d"};
  return {{{kOld, old}, {kNew, Contents{16, {}, {}}}}, {}, {}};
}

std::vector<std::string> words_of(const Result<std::vector<Step>>& steps) {
  if (!steps) return {steps.error().message};
  return words(Plan{*steps, {}, {}});
}

Result<std::vector<Step>> move(const Observed& observed) {
  return steps_of({kPlace, kNew}, observed, kNow);
}

Observed carried_out(Observed observed, const std::vector<Step>& steps) {
  for (const Step& step : steps) observed = after(std::move(observed), step);
  return observed;
}

const Mark& mark_on(const Observed& observed, const InstanceName& where) {
  return *std::get<Contents>(observed.instances.at(where)).databases.at("shop-production").mark;
}

TEST(Relocation, WithdrawsDumpsFillsAndPutsInPlace) {
  EXPECT_THAT(words_of(move(world())),
              ElementsAre("create-role shop-production", "suspended shop-production",
                          "dump shop-production", HasSubstr("fill shop-production-"),
                          HasSubstr("put-in-place shop-production-"), "held shop-production"));
}

void expect_moved(const Observed& observed) {
  EXPECT_EQ(mark_on(observed, kNew).standing, Standing(Active{}));
  EXPECT_EQ(mark_on(observed, kNew).migrated, (Migrated{commit(), "d"}));
  EXPECT_EQ(mark_on(observed, kOld).standing, Standing(Held{kNow, true, true}));
  EXPECT_EQ(std::get<Contents>(observed.instances.at(kNew)).databases.size(), 1U);
  EXPECT_THAT(words_of(move(observed)), IsEmpty());
}

TEST(Relocation, GoesOnAfterAnyStepThatItWasInterruptedAt) {
  const auto all = move(world());
  ASSERT_TRUE(all);
  for (std::size_t done = 0; done <= all->size(); ++done) {
    const Observed half =
        carried_out(world(), {all->begin(), all->begin() + static_cast<long>(done)});
    const auto rest = move(half);
    ASSERT_TRUE(rest) << done << ": " << rest.error().message;
    SCOPED_TRACE(done);
    expect_moved(carried_out(half, *rest));
  }
}

TEST(Relocation, LeavesNothingWhenItFails) {
  const auto all = move(world());
  ASSERT_TRUE(all);
  for (std::size_t done = 0; done < 5; ++done) {
    const Observed half =
        carried_out(world(), {all->begin(), all->begin() + static_cast<long>(done)});
    const Observed back = carried_out(half, steps_after_failure({kPlace, kNew}, half));
    EXPECT_EQ(mark_on(back, kOld).standing, Standing(Active{})) << done;
    EXPECT_EQ(std::get<Contents>(back.instances.at(kNew)), (Contents{16, {}, {}})) << done;
  }
  const Observed arrived = carried_out(world(), {all->begin(), all->begin() + 5});
  EXPECT_THAT(steps_after_failure({kPlace, kNew}, arrived), IsEmpty());
}

std::string dump_of(const Result<std::vector<Step>>& steps) {
  for (const Step& step : *steps)
    if (const auto* fill = std::get_if<FillDatabase>(&step.action)) return fill->dump;
  return "";
}

TEST(Relocation, DumpsAnewWhatWasInUseAgainAfterAFailure) {
  const auto first = move(world());
  ASSERT_TRUE(first);
  const Observed half = carried_out(world(), {first->begin(), first->begin() + 3});
  EXPECT_EQ(dump_of(move(half)), dump_of(first)) << "nobody could write since";
  const Observed back = carried_out(half, steps_after_failure({kPlace, kNew}, half));
  const auto again = steps_of({kPlace, kNew}, back, kNow + std::chrono::hours(1));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_NE(dump_of(again), dump_of(first));
}

TEST(Relocation, IsTakenBack) {
  const Observed moved = carried_out(world(), *move(world()));
  const auto back = steps_back(moved, kPlace, kNow);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_THAT(words_of(back), ElementsAre("held shop-production", "active shop-production"));
  const Observed again = carried_out(moved, *back);
  EXPECT_EQ(mark_on(again, kOld).standing, Standing(Active{}));
  EXPECT_EQ(mark_on(again, kNew).standing, Standing(Held{kNow, true, true}));
  EXPECT_THAT(words_of(move(again)), ElementsAre(HasSubstr("is on dev-pg16 already")));
}

TEST(Relocation, TakesBackOnlyMoves) {
  EXPECT_THAT(words_of(steps_back(world(), kPlace, kNow)), ElementsAre(HasSubstr("no move")));
}

struct Case {
  std::string name;
  void (*change)(Observed&);
  std::string says;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

Contents& on_server(Observed& observed, const InstanceName& where) {
  return std::get<Contents>(observed.instances.at(where));
}

class NoRelocation : public testing::TestWithParam<Case> {};
TEST_P(NoRelocation, SaysWhy) {
  Observed observed = world();
  GetParam().change(observed);
  EXPECT_THAT(words_of(move(observed)), ElementsAre(HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    All, NoRelocation,
    testing::Values(
        Case{"Older", [](Observed& it) { on_server(it, kNew).version = 14; },
             "newer versions only"},
        Case{"Silent", [](Observed& it) { it.instances.at(kNew) = Unreachable{"no"}; },
             "dev-pg16 did not answer"},
        Case{"Nothing",
             [](Observed& it) {
               on_server(it, kOld) = {15, {}, {}};
             },
             "has no database"},
        Case{"Taken", [](Observed& it) { on_server(it, kNew).databases["shop-production"] = {}; },
             "is on dev-pg16 already"},
        Case{"TakenRole", [](Observed& it) { on_server(it, kNew).roles["shop-production"] = {}; },
             "role shop-production on dev-pg16 is not bough's"},
        Case{"Both", [](Observed& it) { on_server(it, kNew) = holding({kPlace}); },
             "has a database on dev-pg15 and one on dev-pg16"},
        Case{"Held",
             [](Observed& it) {
               on_server(it, kOld).databases.at("shop-production").mark->standing = Held{kNow};
             },
             "database shop-production is held"},
        Case{"SuspendedByAPerson",
             [](Observed& it) {
               on_server(it, kOld).databases.at("shop-production").mark->standing = Suspended{kNow};
             },
             "database shop-production is suspended, and a move would give its login back: bough "
             "resume it first"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace bough
