#include "provisioners/postgres/rules.h"

#include <gtest/gtest.h>

#include "provisioners/postgres/testing.h"

namespace bough::postgres {
namespace {

Target at(const std::string& branch) {
  const Place place = place_of(branch);
  return {*InstanceName::parse("main"), place, physical_name(place, Rank::first)};
}

const Target kAt = at("a");
const Mark kOurs = mark_of(kAt);
const Mark kAnothers = mark_of(at("b"));
const Fill kFill{"verifier", "mark"};

Facts::Role role(std::optional<Mark> mark) {
  return {false, std::move(mark)};
}
Facts::Database database(std::string owner, std::optional<Mark> mark) {
  return {std::move(owner), true, false, std::move(mark)};
}
Facts facts(std::optional<Facts::Role> role, std::optional<Facts::Database> database) {
  return {true, true, std::move(role), std::move(database)};
}
Facts::Database closed(Facts::Database database) {
  database.open = false;
  return database;
}
Facts::Database broken(Facts::Database database) {
  database.broken = true;
  return database;
}

/// `none`: nothing is sent; `some`: statements are.
enum class Answer { none, some, refused, stale };
std::ostream& operator<<(std::ostream& out, Answer answer) {
  static constexpr const char* kWords[] = {"nothing", "statements", "refused", "stale"};
  return out << kWords[static_cast<int>(answer)];
}

Answer answer_of(const Result<Statements>& result) {
  if (result) return result->empty() ? Answer::none : Answer::some;
  EXPECT_FALSE(result.error().message.empty());
  return result.error().fault == Fault::refused ? Answer::refused : Answer::stale;
}

struct Case {
  const char* name;
  Facts seen;
  Answer create_role;
  Answer create_database;
  Answer grant;
  Answer hold;
  Answer resume;
  Answer drop_database;
  Answer drop_role;
  Answer record;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class Rules : public testing::TestWithParam<Case> {};
TEST_P(Rules, OnlyWhatIsMarkedForThisPlaceIsTouched) {
  const Case& c = GetParam();
  const auto verifier = [] { return std::string("verifier"); };
  EXPECT_EQ(answer_of(writes(CreateRole{kAt, {}}, c.seen, 15, kFill)), c.create_role);
  EXPECT_EQ(answer_of(writes(CreateDatabase{kAt}, c.seen)), c.create_database);
  EXPECT_EQ(answer_of(writes(GrantAccess{kAt, kOurs}, c.seen, "mark", verifier)), c.grant);
  const Mark held = mark_of(kAt, Held{});
  EXPECT_EQ(answer_of(writes(SetStanding{kAt, held}, c.seen, kFill)), c.hold);
  EXPECT_EQ(answer_of(writes(SetStanding{kAt, kOurs}, c.seen, kFill)), c.resume);
  EXPECT_EQ(answer_of(writes(DropDatabase{kAt}, c.seen)), c.drop_database);
  EXPECT_EQ(answer_of(writes(DropRole{kAt}, c.seen)), c.drop_role);
  EXPECT_EQ(answer_of(writes(kAt, c.seen, "mark")), c.record);
}

constexpr Answer none = Answer::none, some = Answer::some, refused = Answer::refused,
                 stale = Answer::stale;
INSTANTIATE_TEST_SUITE_P(
    Rules, Rules,
    testing::Values(
        Case{"NothingThere", facts({}, {}), some, stale, stale, stale, stale, none, none, stale},
        Case{"OurRole", facts(role(kOurs), {}), some, some, stale, stale, stale, none, some, stale},
        Case{"ForeignRole", facts(role({}), {}), refused, refused, refused, stale, stale, none,
             refused, stale},
        Case{"AnothersRole", facts(role(kAnothers), {}), refused, refused, refused, stale, stale,
             none, refused, stale},
        Case{"HalfCreated", facts(role(kOurs), closed(database("shop--a", {}))), some, none, some,
             some, some, some, refused, refused},
        Case{"UnmarkedAndOpen", facts(role(kOurs), database("shop--a", {})), some, none, some, some,
             some, refused, refused, refused},
        Case{"ClosedByAStranger", facts(role(kOurs), closed(database("postgres", {}))), some,
             refused, refused, refused, refused, refused, some, refused},
        Case{"HalfDropped", facts(role(kOurs), broken(database("shop--a", {}))), some, stale, some,
             some, some, some, refused, refused},
        Case{"Complete", facts(role(kOurs), database("shop--a", kOurs)), some, none, some, some,
             some, some, refused, some},
        Case{"OwnerChanged", facts(role(kOurs), database("postgres", kOurs)), some, none, some,
             some, some, some, some, some},
        Case{"RoleGone", facts({}, database("postgres", kOurs)), some, stale, stale, some, stale,
             some, none, some},
        Case{"ForeignDatabase", facts(role(kOurs), database("postgres", {})), some, refused,
             refused, refused, refused, refused, some, refused},
        Case{"AnothersDatabase", facts(role(kOurs), database("shop--a", kAnothers)), some, refused,
             refused, refused, refused, refused, refused, refused},
        Case{"AllForeign", facts(role({}), database("shop--a", {})), refused, refused, refused,
             refused, refused, refused, refused, refused}),
    [](const auto& row) { return row.param.name; });

TEST(Rules, ARoleWithPrivilegesLosesThem) {
  Facts seen = facts(role(kOurs), {});
  seen.role->elevated = true;
  const auto all = writes(CreateRole{kAt, {}}, seen, 15, kFill);
  ASSERT_TRUE(all);
  EXPECT_NE(all->front().find("NOSUPERUSER"), std::string::npos) << all->front();
}

TEST(Rules, WhoIsNoSuperuserJoinsTheRole) {
  Facts seen = facts({}, {});
  seen.superuser = false;
  EXPECT_EQ(writes(CreateRole{kAt, {}}, seen, 15, kFill)->back(),
            "GRANT \"shop--a\" TO CURRENT_USER;");
  EXPECT_EQ(writes(CreateRole{kAt, {}}, seen, 16, kFill)->back(),
            "GRANT \"shop--a\" TO CURRENT_USER WITH INHERIT TRUE, SET TRUE;");
}

TEST(Rules, PasswordIsSetWithANewGeneration) {
  const Facts seen = facts(role(kOurs), database("shop--a", kOurs));
  Mark next = kOurs;
  next.generation = 2;
  const auto all = writes(GrantAccess{kAt, next}, seen, "mark", [] { return "verifier-2"; });
  ASSERT_TRUE(all);
  EXPECT_NE((*all)[3].find("PASSWORD 'verifier-2'"), std::string::npos) << (*all)[3];
}

}  // namespace
}  // namespace bough::postgres
