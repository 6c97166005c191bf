#include "reconciler/idle.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

using namespace std::chrono_literals;

const Instant kStart{std::chrono::hours(1000)};
const RepositoryName kShop = *RepositoryName::parse("shop");
const RepositoryName kBlog = *RepositoryName::parse("blog");

Desired asks_for(const char* refusal) {
  Desired desired;
  desired.refused.push_back({kShop, std::nullopt, "shop", refusal});
  return desired;
}

TEST(Idle, RestsWhileTheSumIsTheSame) {
  Idle idle;
  EXPECT_FALSE(idle.rests(kShop, "sum", kStart));
  idle.settled(kShop, "sum", {}, kStart);
  EXPECT_TRUE(idle.rests(kShop, "sum", kStart + 59min));
  EXPECT_FALSE(idle.rests(kShop, "other", kStart));
  EXPECT_FALSE(idle.rests(kBlog, "sum", kStart));
}

TEST(Idle, AGlanceThatFailedIsNoReasonToRest) {
  Idle idle;
  idle.settled(kShop, "", {}, kStart);
  EXPECT_FALSE(idle.rests(kShop, "", kStart));
}

TEST(Idle, RestsWhileTheSameIsAskedFor) {
  Idle idle;
  idle.settled(kShop, "", asks_for("a"), kStart);
  EXPECT_TRUE(idle.rests(kShop, asks_for("a"), kStart + 1min));
  EXPECT_FALSE(idle.rests(kShop, asks_for("b"), kStart + 1min));
}

TEST(Idle, EndsWithADisturbanceAndAfterAnHour) {
  Idle idle;
  idle.settled(kShop, "sum", {}, kStart);
  EXPECT_FALSE(idle.rests(kShop, "sum", kStart + 1h));
  idle.disturbed(kShop);
  EXPECT_FALSE(idle.rests(kShop, "sum", kStart));
}

Mark mark_of(const RepositoryName& repository, const std::string& name, int generation = 1) {
  const Place place{{repository, *AppName::parse("app"), Production{}},
                    *ComponentName::parse("db")};
  return {place, *DatabaseName::parse(name), generation, Active{}, std::nullopt};
}

/// A server with a database of each of two repositories, and a stranger's.
Contents server() {
  Contents contents;
  contents.version = 15;
  contents.databases["a"] = {"a", true, false, false, mark_of(kShop, "a")};
  contents.roles["a"] = {true, mark_of(kShop, "a")};
  contents.databases["b"] = {"b", true, false, false, mark_of(kBlog, "b")};
  contents.databases["stranger"] = {"postgres", true, false, true, std::nullopt};
  return contents;
}

struct Case {
  const char* name;
  void (*change)(Contents&);
  std::set<RepositoryName> disturbed;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class Disturbed : public testing::TestWithParam<Case> {};
TEST_P(Disturbed, AreThoseWhoseMarkIsOnWhatChanged) {
  Contents after = server();
  GetParam().change(after);
  EXPECT_EQ(disturbed_between(server(), after), GetParam().disturbed);
  EXPECT_EQ(disturbed_between(after, server()), GetParam().disturbed);
}
INSTANTIATE_TEST_SUITE_P(
    Idle, Disturbed,
    testing::Values(
        Case{"Nothing", [](Contents&) {}, {}},
        Case{"Dropped", [](Contents& it) { it.databases.erase("a"); }, {kShop}},
        Case{"RoleDropped", [](Contents& it) { it.roles.erase("a"); }, {kShop}},
        Case{"Owner", [](Contents& it) { it.databases["b"].owner = "x"; }, {kBlog}},
        Case{"MarkGone", [](Contents& it) { it.databases["a"].mark.reset(); }, {kShop}},
        Case{"MarkOfAnother",
             [](Contents& it) { it.databases["a"].mark = mark_of(kBlog, "a"); },
             {kShop, kBlog}},
        Case{"Stranger", [](Contents& it) { it.databases["stranger"].owner = "x"; }, {}}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace bough
