#include "provisioners/postgres/images.h"

#include <gtest/gtest.h>

#include "provisioners/postgres/database_settings.h"
#include "provisioners/postgres/testing.h"

namespace bough::postgres {
namespace {

Target target(const Environment& environment) {
  const Place place{{*RepositoryName::parse("shop"), *AppName::parse("shop"), environment},
                    *ComponentName::parse("db")};
  return {*InstanceName::parse("main"), place, physical_name(place, Rank::first)};
}

const Target kAt = target(Branch{*BranchName::parse("a")});
const Target kProduction = target(Production{});

Mark image_of(const Target& at, std::optional<Migrated> attempted = {}) {
  Mark mark = mark_of(at, Image{Instant{}, std::move(attempted)});
  mark.name = aside_name(at.name, 0);
  return mark;
}

Facts holding(std::optional<Facts::Database> database) {
  Facts facts;
  facts.role = Facts::Role{false, mark_of(kAt)};
  facts.database = std::move(database);
  return facts;
}
const Facts kOurs = holding(Facts::Database{kAt.name.text(), true, false, mark_of(kAt)});

struct Case {
  const char* name;
  std::optional<Facts::Database> there;
  bool touched;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class Images : public testing::TestWithParam<Case> {};
TEST_P(Images, OnlyOurCopiesAreReplacedAndDropped) {
  const Case& c = GetParam();
  const Facts there = holding(c.there);
  EXPECT_EQ(static_cast<bool>(writes(KeepImage{kAt, image_of(kAt)}, kOurs, there)), c.touched);
  EXPECT_EQ(static_cast<bool>(writes(DropImage{kAt, image_of(kAt).name}, kOurs, there)), c.touched);
}
INSTANTIATE_TEST_SUITE_P(
    Images, Images,
    testing::Values(Case{"Nothing", std::nullopt, true},
                    Case{"OurCopy", Facts::Database{"admin", false, false, image_of(kAt)}, true},
                    Case{"HalfMade", Facts::Database{kAt.name.text(), false, false, {}}, true},
                    Case{"Opened", Facts::Database{kAt.name.text(), true, false, {}}, false},
                    Case{"Strangers", Facts::Database{"alice", false, false, {}}, false},
                    Case{"InUse", Facts::Database{"admin", false, false, mark_of(kAt)}, false}),
    [](const auto& row) { return row.param.name; });

TEST(Images, ProductionIsNeitherCopiedNorPutBack) {
  Facts production;
  production.role = Facts::Role{false, mark_of(kProduction)};
  production.database = Facts::Database{kProduction.name.text(), true, false, mark_of(kProduction)};
  const Mark image = image_of(kProduction, Migrated{*Commit::parse(std::string(40, 'a')), "d"});
  Facts there = production;
  there.database = Facts::Database{"admin", false, false, image};
  EXPECT_FALSE(writes(KeepImage{kProduction, image}, production, {}));
  EXPECT_FALSE(exchanges({kProduction, mark_of(kProduction), image}, production, there));
}

TEST(Images, AreExchangedOnlyOnceAMigrationWasBegun) {
  const PutBack put{kAt, mark_of(kAt), image_of(kAt)};
  const Migrated attempt{*Commit::parse(std::string(40, 'a')), "d"};
  const auto there = [](const Mark& mark) {
    return holding(Facts::Database{"admin", false, false, mark});
  };
  EXPECT_TRUE(*exchanges(put, kOurs, there(image_of(kAt, attempt))));
  EXPECT_FALSE(*exchanges(put, kOurs, there(image_of(kAt))));
  EXPECT_FALSE(exchanges(put, kOurs, holding(std::nullopt)));
}

TEST(DatabaseSettings, AreTheSameForTheCopy) {
  const struct {
    const char* name;
    const char* value;
    const char* expected;
  } cases[] = {
      {"work_mem", "5MB", "'5MB'"},
      {"search_path", "a, \"B c\", public", "'a', 'B c', 'public'"},
      {"search_path", "\"$user\",public", "'$user', 'public'"},
      {"search_path", "\"a\"\"b\"", "'a\"b'"},
      {"search_path", "a;DROP", "'a;DROP'"},
      {"search_path", "", "''"},
      {"app.note", "it's, \"so\"", "'it''s, \"so\"'"},
  };
  for (const auto& each : cases)
    EXPECT_EQ(setting_value(each.name, each.value), each.expected) << each.value;
  const Rows rows{{"f", "work_mem=5MB"}, {"t", "app.x=a=b"}};
  EXPECT_EQ(
      settings(rows, image_of(kAt).name, kAt.name),
      (Statements{"ALTER DATABASE \"" + image_of(kAt).name.text() + "\" SET \"work_mem\" TO '5MB';",
                  "ALTER ROLE \"shop--a\" IN DATABASE \"" + image_of(kAt).name.text() +
                      "\" SET \"app.x\" TO 'a=b';"}));
}

}  // namespace
}  // namespace bough::postgres
