#include "reconciler/stock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/planner.h"
#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;
using Words = std::vector<std::string>;
using testing::HasSubstr;

const Instant kNow{std::chrono::seconds(1'767'225'600)};
const Instant kEarlier = kNow - std::chrono::hours(48);

Stock stock(Copy what = Copy::data) {
  return stock_of(repo(), *AppName::parse("shop"), *ComponentName::parse("db"), {what});
}
std::string spare(int number, Copy what = Copy::data) {
  return spare_name(stock(what), number).text();
}
std::string source(int number) {
  return template_name(stock(), number).text();
}

/// A branch without migrations, and production, whose databases begin like that.
Desired asks(Copy what, int spares = 0) {
  Desired desired = wants({wanted_home(Production{}), wanted_home(on("x"))});
  for (WantedHome& home : desired.homes) {
    home.databases[0].copies.what = what;
    home.databases[0].copies.spares = spares;
  }
  return desired;
}

struct Holds {
  Contents contents = holding({place(Production{})});
  Holds& with(const DatabaseName& name, StockState state, Instant read, bool busy = false,
              Copy what = Copy::data) {
    contents.stock.insert_or_assign(name.text(), SeenStock{{stock(what), name, state, read}, busy});
    return *this;
  }
  Holds& with_template(int number, Instant read) {
    return with(template_name(stock(), number), StockState::ready_template, read);
  }
  Holds& with_spare(int number, Instant read) {
    return with(spare_name(stock(), number), StockState::spare, read);
  }
};

struct Case {
  std::string name;
  Desired desired;
  Holds holds;
  Words steps;
  std::string because;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class NewBranch : public testing::TestWithParam<Case> {};
TEST_P(NewBranch, BeginsWithJustThis) {
  const Plan made = plan(GetParam().desired, sees(GetParam().holds.contents), {}, kNow);
  EXPECT_EQ(words(made), GetParam().steps);
  EXPECT_TRUE(made.refused.empty());
  std::string because;
  for (const Step& step : made.steps) because += step.because + "\n";
  EXPECT_THAT(because, HasSubstr(GetParam().because));
}

std::vector<Case> cases() {
  const Words copied{"copy-database shop--x"};
  return {
      {"WithoutACopyAsEver",
       asks(Copy::none),
       Holds(),
       {"create-role shop--x", "create-database shop--x", "grant shop--x"},
       "asks for database db"},
      {"TemplateIsFilledFirst",
       asks(Copy::data),
       Holds(),
       {"fill " + source(1), "copy-database shop--x"},
       "it begins with production's data"},
      {"TemplateIsUsed", asks(Copy::data), Holds().with_template(3, kEarlier), copied,
       "production's data of 2025-12-30"},
      {"SpareIsTaken", asks(Copy::data, 1),
       Holds().with_template(1, kEarlier).with_spare(4, kEarlier), copied, "from a warm spare"},
      {"SpareOfAnEarlierTemplateIsNot", asks(Copy::data, 1),
       Holds().with_template(1, kNow).with_spare(4, kEarlier), copied, "it begins with"},
      {"BusyOnesAreLeftAlone", asks(Copy::data, 1),
       Holds().with_template(1, kNow).with(spare_name(stock(), 1), StockState::spare, kNow, true),
       copied, "it begins with"},
      {"EmptySpareIsTaken", asks(Copy::none, 1),
       Holds().with(spare_name(stock(Copy::none), 1), StockState::spare, Instant{}, false,
                    Copy::none),
       copied, "from a warm spare"},
      {"UnwantedStockGoes",
       asks(Copy::none),
       Holds().with_template(1, kNow).with_spare(1, kNow),
       {"create-role shop--x", "create-database shop--x", "grant shop--x",
        "drop-stock " + std::min(spare(1), source(1)),
        "drop-stock " + std::max(spare(1), source(1))},
       "begins with it any more"},
  };
}
INSTANTIATE_TEST_SUITE_P(Origins, NewBranch, testing::ValuesIn(cases()),
                         [](const auto& row) { return row.param.name; });

TEST(NewBranch, BeginsEmptyBeforeProductionIsMigrated) {
  Desired desired = asks(Copy::schema);
  desired.homes[1].databases[0].migrations = {command("m")};
  const Plan made = plan(desired, sees(Holds().contents), {}, kNow);
  EXPECT_EQ(words(made)[1], "create-database shop--x");
  EXPECT_THAT(made.steps[1].because, HasSubstr("production was not migrated yet"));
}

TEST(NewBranch, BeginsEmptyWithoutProduction) {
  Desired desired = asks(Copy::schema);
  desired.homes.erase(desired.homes.begin());
  const Plan made = plan(desired, sees(Contents{15, {}, {}}), {}, kNow);
  EXPECT_THAT(made.steps[1].because, HasSubstr("production has no such database"));
}

TEST(NewBranch, FailedSeedOfItsPredecessorIsNothingToACopy) {
  Desired desired = asks(Copy::data);
  desired.homes[1].databases[0].seeds = {command("seed", RunKind::seed)};
  Observed world = sees(Holds().contents);
  const RunKey earlier{home(on("x")), "db", commit(), digest(desired.homes[1].databases[0].seeds)};
  world.runs[earlier] = RunState::failed;
  const Plan made = plan(desired, world, {}, kNow);
  EXPECT_EQ(words(made).back(), "seed shop--x");
  EXPECT_TRUE(made.refused.empty());
}

TEST(NewBranch, WaitsForAServerThatMayHoldProduction) {
  Desired desired = asks(Copy::data);
  desired.homes.erase(desired.homes.begin());
  Observed world = sees(Contents{15, {}, {}});
  world.instances.emplace(instance("other"), Unreachable{"down"});
  const Plan made = plan(desired, world, {}, kNow);
  EXPECT_EQ(words(made), Words());
  ASSERT_EQ(made.refused.size(), 1U);
  EXPECT_THAT(made.refused[0].reason, HasSubstr("does not answer"));
}

TEST(NewBranch, Row74_IsNotCopiedToAnOlderServer) {
  Desired desired = asks(Copy::data);
  desired.homes[1].databases[0].instance = instance("old");
  Observed world = sees(Holds().contents);
  world.instances.emplace(instance("old"), Contents{13, {}, {}});
  const Plan made = plan(desired, world, {}, kNow);
  ASSERT_EQ(made.refused.size(), 1U);
  EXPECT_THAT(made.refused[0].reason, HasSubstr("of version 15, and old is of version 13"));
}

TEST(NewBranch, TwoShareOneTemplateAndNoSpare) {
  Desired desired = asks(Copy::data, 1);
  desired.homes.push_back(wanted_home(on("y")));
  desired.homes.back().databases[0].copies = desired.homes[0].databases[0].copies;
  const Plan made = plan(desired, sees(Holds().contents), {}, kNow);
  EXPECT_EQ(words(made),
            (Words{"fill " + source(1), "copy-database shop--x", "copy-database shop--y"}));
  EXPECT_NE(std::get<CopyDatabase>(made.steps[1].action).spare,
            std::get<CopyDatabase>(made.steps[2].action).spare);
}

TEST(UnreadableBranch, KeepsWhatItMayBeginWith) {
  Desired desired = wants({wanted_home(Production{})});
  desired.unreadable[repo()].insert(on("x"));
  const Plan made = plan(desired, sees(Holds().with_template(1, kNow).contents), {}, kNow);
  EXPECT_EQ(words(made), Words());
}

Words kept(const Desired& desired, const Holds& holds, Refresh refresh = Refresh::due) {
  Words result;
  for (const Step& step : upkeep(wanted_stock(desired), sees(holds.contents), kNow, refresh))
    result.push_back(words(step));
  return result;
}

TEST(Upkeep, FillsTheFirstTemplateBeforeSpares) {
  EXPECT_EQ(kept(asks(Copy::data, 2), Holds()), (Words{"fill " + source(1)}));
}

TEST(Upkeep, MakesTheSparesThatAreMissing) {
  EXPECT_EQ(kept(asks(Copy::data, 3), Holds().with_template(1, kNow).with_spare(2, kNow)),
            (Words{"make-spare " + spare(1), "make-spare " + spare(3)}));
}

TEST(Upkeep, RefreshesWhatIsOldBesideTheOldOne) {
  const Holds old = Holds().with_template(1, kEarlier).with_spare(1, kEarlier);
  EXPECT_EQ(kept(asks(Copy::data, 1), old), (Words{"fill " + source(2)}));
  EXPECT_EQ(kept(asks(Copy::data, 1), Holds().with_template(1, kNow).with_spare(1, kNow)), Words());
  EXPECT_EQ(kept(asks(Copy::data), Holds().with_template(1, kNow), Refresh::all),
            (Words{"fill " + source(2)}));
}

TEST(Upkeep, DropsWhatAnInterruptionOrARefreshLeft) {
  const Holds left = Holds()
                         .with_template(1, kEarlier)
                         .with_template(2, kNow)
                         .with(spare_name(stock(), 7), StockState::unfinished, Instant{})
                         .with(spare_name(stock(), 8), StockState::unfinished, Instant{}, true);
  EXPECT_THAT(kept(asks(Copy::data), left),
              testing::UnorderedElementsAre("drop-stock " + source(1), "drop-stock " + spare(7)));
}

TEST(Upkeep, DropsSparesBeyondTheNumber) {
  EXPECT_EQ(kept(asks(Copy::data, 1),
                 Holds().with_template(1, kNow).with_spare(1, kNow).with_spare(2, kNow)),
            (Words{"drop-stock " + spare(2)}));
}

TEST(Clearance, DropsWhatBelongsToNoRepository) {
  const Observed world = sees(Holds().with_template(1, kNow).contents);
  EXPECT_TRUE(clearance({repo()}, world).empty());
  EXPECT_EQ(clearance({}, world).size(), 1U);
}

}  // namespace
}  // namespace bough
