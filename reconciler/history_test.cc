#include "reconciler/history.h"

#include <gtest/gtest.h>

#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;

const MigrationFiles kRan{{"db/migrations/1_a.sql", "a"}, {"db/migrations/2_b.sql", "b"}};

MigrationFiles ran_and(const std::string& path, const std::string& id) {
  MigrationFiles files = kRan;
  files.insert_or_assign(path, id);
  return files;
}
MigrationFiles ran_without(const std::string& path) {
  MigrationFiles files = kRan;
  files.erase(path);
  return files;
}

struct Case {
  std::string name;
  MigrationFiles files;
  std::string rewriting;
  std::string insertion;
  MigrationFiles ran = kRan;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class Histories : public testing::TestWithParam<Case> {};
TEST_P(Histories, SayHowTheyGoOn) {
  EXPECT_EQ(rewriting(GetParam().ran, GetParam().files).value_or(""), GetParam().rewriting);
  EXPECT_EQ(insertion(GetParam().ran, GetParam().files).value_or(""), GetParam().insertion);
}

std::vector<Case> cases() {
  MigrationFiles renamed = ran_without("db/migrations/2_b.sql");
  renamed["db/migrations/2_c.sql"] = "b";
  MigrationFiles moved{{"sql/1_a.sql", "a"}, {"sql/2_b.sql", "b"}};
  return {
      {"Same", kRan, "", ""},
      {"Added", ran_and("db/migrations/3_c.sql", "c"), "", ""},
      {"Edited", ran_and("db/migrations/2_b.sql", "other"),
       "db/migrations/2_b.sql was edited after it ran", ""},
      {"Removed", ran_without("db/migrations/1_a.sql"),
       "db/migrations/1_a.sql was removed after it ran", ""},
      {"Squashed",
       {{"db/migrations/3_all.sql", "all"}},
       "db/migrations/1_a.sql was removed after it ran, and 1 more like it",
       ""},
      {"Renamed", renamed,
       "db/migrations/2_b.sql was renamed to db/migrations/2_c.sql after it ran", ""},
      {"MovedWithItsFolder", moved, "", ""},
      {"Inserted", ran_and("db/migrations/1_b.sql", "c"), "",
       "db/migrations/1_b.sql is new and comes before db/migrations/2_b.sql, which ran"},
      {"NumbersAreCompared", ran_and("db/migrations/10_c.sql", "c"), "", ""},
      {"PaddingIsNot", {{"m/9_a.sql", "a"}, {"m/0010_b.sql", "b"}}, "", "", {{"m/9_a.sql", "a"}}},
      {"AnotherFolder", ran_and("other/1_b.sql", "c"), "", ""},
      {"NamesWithoutNumbersHaveNoOrder",
       {{"v/ff.py", "a"}, {"v/aa.py", "b"}},
       "",
       "",
       {{"v/ff.py", "a"}}},
      {"FoldersWithNumbers",
       {{"p/1_a/migration.sql", "a"}, {"p/3_c/migration.sql", "c"}, {"p/2_b/migration.sql", "b"}},
       "",
       "p/2_b/migration.sql is new and comes before p/3_c/migration.sql, which ran",
       {{"p/1_a/migration.sql", "a"}, {"p/3_c/migration.sql", "c"}}},
  };
}
INSTANTIATE_TEST_SUITE_P(, Histories, testing::ValuesIn(cases()),
                         [](const auto& row) { return row.param.name; });

WantedHome going_to(MigrationFiles files, const Environment& where) {
  WantedHome home = wanted_home(where, {command("m")});
  home.files = std::move(files);
  return home;
}

TEST(Way, OfABranchIsARebuild) {
  const WantedHome home = going_to(ran_and("db/migrations/2_b.sql", "other"), on("x"));
  const Way way = way_of(home, {true, kRan, {}}, false);
  ASSERT_TRUE(std::holds_alternative<Rebuild>(way));
  EXPECT_EQ(std::get<Rebuild>(way).because, "db/migrations/2_b.sql was edited after it ran");
}

TEST(Way, OfProductionWaitsForAPerson) {
  const WantedHome home = going_to(ran_and("db/migrations/2_b.sql", "other"), Production{});
  EXPECT_TRUE(std::holds_alternative<Stop>(way_of(home, {true, kRan, {}}, false)));
  EXPECT_TRUE(std::holds_alternative<Onward>(way_of(home, {true, kRan, {}}, true)));
}

TEST(Way, OfProductionIsLeftToTheToolWhenANumberComesLate) {
  const WantedHome home = going_to(ran_and("db/migrations/1_b.sql", "c"), Production{});
  EXPECT_TRUE(std::holds_alternative<Onward>(way_of(home, {true, kRan, {}}, false)));
}

TEST(Way, OfAnUnknownHistoryStopsProductionOnly) {
  const History unknown{false, {}, {}};
  EXPECT_TRUE(std::holds_alternative<Stop>(way_of(going_to(kRan, Production{}), unknown, false)));
  EXPECT_TRUE(std::holds_alternative<Onward>(way_of(going_to(kRan, on("x")), unknown, false)));
  EXPECT_TRUE(std::holds_alternative<Onward>(way_of(going_to({}, Production{}), unknown, false)));
}

TEST(Way, CountsWhatAFailedRunMayHaveApplied) {
  const History failed{true, kRan, ran_and("db/migrations/3_c.sql", "bad")};
  const MigrationFiles fixed = ran_and("db/migrations/3_c.sql", "good");
  const Way way = way_of(going_to(fixed, on("x")), failed, false);
  ASSERT_TRUE(std::holds_alternative<Rebuild>(way));
  EXPECT_EQ(std::get<Rebuild>(way).because, "db/migrations/3_c.sql was edited after it was tried");
  EXPECT_TRUE(std::holds_alternative<Onward>(way_of(going_to(fixed, Production{}), failed, false)));
}

TEST(MigrationFiles, AreKnownByFolderAndName) {
  const std::vector<std::string> none;
  for (const char* path :
       {"db/migrations/20240101_a.sql", "migrations/1_a.js", "prisma/migrations/1_a/migration.sql",
        "drizzle/0000_a.sql", "alembic/versions/ab12_a.py", "db/migrate/1_a.rb",
        "supabase/migrations/1_a.sql", "src/main/resources/db/migration/V1__a.sql"})
    EXPECT_TRUE(is_migration(path, none)) << path;
  for (const char* path :
       {"db/migrations/README.md", "migrations/1_a.down.sql", "migrations/lock.toml",
        "drizzle/meta/_journal.json", "src/main/resources/db/migration/R__view.sql",
        "alembic/versions/__init__.py", "src/migrations.ts", "db/schema.sql", "migrations"})
    EXPECT_FALSE(is_migration(path, none)) << path;
}

TEST(MigrationFiles, AreThoseOfThePatterns) {
  EXPECT_TRUE(is_migration("sql/x/a", {"sql/**"}));
  EXPECT_FALSE(is_migration("migrations/1_a.sql", {"sql/**"}));
  EXPECT_EQ(migration_folders({"sql/**", "*.sql", "a/b/*/c"}),
            (std::vector<std::string>{"sql", "", "a/b"}));
}

}  // namespace
}  // namespace bough
