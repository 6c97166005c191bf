#include "reconciler/restoration.h"

#include <gtest/gtest.h>

#include "reconciler/adoption.h"
#include "reconciler/planner.h"
#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;
using Words = std::vector<std::string>;

const Instant kNow{std::chrono::seconds(1'767'225'600)};

Words words_of(const Result<std::vector<Step>>& steps) {
  if (!steps) return {"error: " + steps.error().message};
  Words result;
  for (const Step& step : *steps) result.push_back(words(step));
  return result;
}

std::string aside(int number = 1) {
  return aside_name(physical_name(place(on("x")), Rank::first), number).text();
}

Observed with_aside(Observed world, int number, Instant since) {
  auto& contents = std::get<Contents>(world.instances.begin()->second);
  Mark one = mark(place(on("x")), Held{since, false, true});
  one.name = *DatabaseName::parse(aside(number));
  contents.databases[one.name.text()] = {"admin", true, false, false, one};
  return world;
}

Observed in_use() {
  return sees(holding({place(on("x"))}));
}
Observed held() {
  return changed([](SeenDatabase& database, SeenRole& role) {
    database.mark->standing = Held{kNow};
    role = {false, database.mark};
  });
}
Observed nothing() {
  return sees(Contents{15, {}, {}});
}

Dump dump(const char* id, Instant made_at) {
  return {id, instance(), 15, mark(place(on("x")), Held{kNow}), made_at, 0, "", {}};
}

Wish wish(std::string of_dump = "", std::string of_aside = "") {
  return {repo(), on("x"), std::nullopt, std::move(of_dump), std::move(of_aside)};
}

TEST(Restoration, TakesTheBestThereIs) {
  const std::string scratch = scratch_name(physical_name(place(on("x")), Rank::first)).text();
  const std::vector<Dump> dumps{dump("new", kNow), dump("old", kNow - std::chrono::hours(1))};
  EXPECT_EQ(words_of(restoration(wish(), held(), dumps, kNow)), Words{"active shop--x"});
  Observed role_left = with_aside(in_use(), 1, kNow);
  std::get<Contents>(role_left.instances.begin()->second).databases.erase("shop--x");
  EXPECT_EQ(words_of(restoration(wish(), with_aside(role_left, 2, kNow + std::chrono::hours(1)),
                                 dumps, kNow)),
            Words{"put-in-place " + aside(2)});
  EXPECT_EQ(words_of(restoration(wish(), nothing(), dumps, kNow)),
            (Words{"create-role shop--x", "fill " + scratch, "put-in-place " + scratch}));
  EXPECT_EQ(words_of(restoration(wish(), nothing(), {}, kNow)),
            Words{"error: there is nothing left of branch x"});
}

TEST(Restoration, NeverLosesWhatIsInUse) {
  const std::string scratch = scratch_name(physical_name(place(on("x")), Rank::first)).text();
  EXPECT_EQ(words_of(restoration(wish("id"), in_use(), {dump("id", kNow)}, kNow)),
            (Words{"fill " + scratch, "set-aside shop--x", "put-in-place " + scratch}));
  EXPECT_EQ(words_of(restoration(wish("", aside()), with_aside(in_use(), 1, kNow), {}, kNow)),
            (Words{"set-aside shop--x", "put-in-place " + aside()}));
  const auto refused = restoration(wish(), in_use(), {dump("id", kNow)}, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::refused);
}

TEST(Restoration, LeavesNothingToPlan) {
  Desired desired = wants({wanted_home(on("x"))});
  Observed world = with_aside(in_use(), 1, kNow);
  const auto steps = restoration(wish("", aside()), world, {}, kNow);
  ASSERT_TRUE(steps);
  for (const Step& step : *steps) world = after(std::move(world), step);
  EXPECT_EQ(words(plan(desired, world, {}, kNow)), Words{});
}

TEST(Restoration, NamesWhatIsNotThere) {
  for (const Wish& one : {wish("id"), wish("", "other")}) {
    const auto steps = restoration(one, in_use(), {}, kNow);
    ASSERT_FALSE(steps);
    EXPECT_EQ(steps.error().fault, Fault::missing);
  }
}

TEST(Renewal, IsForBranchesInUse) {
  const auto all = [](const Observed& world) { return ours(world, repo(), {}); };
  EXPECT_EQ(words_of(renewal(all(in_use()), in_use(), kNow)), Words{"set-aside shop--x"});
  EXPECT_FALSE(renewal(all(held()), held(), kNow));
  const Observed production = sees(holding({place(Production{})}));
  EXPECT_FALSE(renewal(all(production), production, kNow));
}

TEST(Adoption, TakesOnlyWhatIsFree) {
  const Adoption want{place(Production{}), instance(), *DatabaseName::parse("live"), false};
  Observed world = nothing();
  auto& contents = std::get<Contents>(world.instances.begin()->second);
  EXPECT_EQ(adoption(want, world).error().fault, Fault::missing);
  contents.databases["live"] = {"boss", true, false, true, std::nullopt};
  const auto step = adoption(want, world);
  ASSERT_TRUE(step);
  EXPECT_EQ(std::get<AdoptDatabase>(step->action).mark.owner, "boss");
  contents.roles["live"] = {true, std::nullopt};
  EXPECT_FALSE(adoption(want, world)) << "a stranger's role";
  contents.databases["live"].owner = "live";
  EXPECT_EQ(std::get<AdoptDatabase>(adoption(want, world)->action).mark.owner, "");
  contents.databases["live"].mark = mark(place(on("x")));
  EXPECT_NE(adoption(want, world).error().message.find("belongs to shop/x/db"), std::string::npos);
}

TEST(Row59, ADatabaseOfAnotherRepositoryIsRefusedAndItsOwnerNamed) {
  Observed world = nothing();
  auto& contents = std::get<Contents>(world.instances.begin()->second);
  Place other = place(on("x"));
  other.home.repository = repo("blog");
  contents.databases["shop--x"] = {"shop--x", true, false, false, mark(other)};
  contents.roles["shop--x"] = {true, mark(other)};
  const Plan made = plan(wants({wanted_home(on("x"))}), world, {}, kNow);
  EXPECT_TRUE(made.steps.empty());
  ASSERT_EQ(made.refused.size(), 1U);
  EXPECT_NE(made.refused[0].reason.find("belongs to blog/x/db"), std::string::npos);
}

}  // namespace
}  // namespace bough
