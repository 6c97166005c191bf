#include "spec/place.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <unordered_map>

namespace bough {
namespace {

Place place(std::string_view app, std::string_view component, Environment environment) {
  return {{*RepositoryName::parse("repo"), *AppName::parse(app), std::move(environment)},
          *ComponentName::parse(component)};
}
Environment on(std::string_view branch) {
  return Branch{*BranchName::parse(branch)};
}

struct Case {
  std::string_view name;
  Place where;
  Rank rank;
  std::string_view expected;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class PhysicalName : public testing::TestWithParam<Case> {};
TEST_P(PhysicalName, IsTheDocumentedOne) {
  EXPECT_EQ(physical_name(GetParam().where, GetParam().rank).text(), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Plain, PhysicalName,
    testing::Values(Case{"Production", place("shop", "db", Production{}), Rank::first,
                         "shop-production"},
                    Case{"Preview", place("shop", "db", Preview{}), Rank::first, "shop-preview"},
                    Case{"Branch", place("shop", "db", on("fix-42")), Rank::first, "shop--fix-42"},
                    Case{"BranchCalledProduction", place("shop", "db", on("production")),
                         Rank::first, "shop--production"},
                    Case{"FurtherDatabase", place("shop", "audit", Production{}), Rank::further,
                         "shop_audit-production"},
                    Case{"TenDigitsAlone", place("shop", "db", on("abcdefghij")), Rank::first,
                         "shop--abcdefghij"}),
    [](const auto& row) { return std::string(row.param.name); });

struct Shape {
  std::string_view name;
  Place where;
  std::string_view start;
  Rank rank = Rank::first;
};
void PrintTo(const Shape& row, std::ostream* out) {
  *out << row.name;
}
Environment preview(char digit) {
  return Preview{*Commit::parse(std::string(40, digit))};
}

class HashedName : public testing::TestWithParam<Shape> {};
TEST_P(HashedName, KeepsAReadableStart) {
  const std::string name = physical_name(GetParam().where, GetParam().rank).text();
  EXPECT_TRUE(name.starts_with(GetParam().start)) << name;
  EXPECT_LE(name.size(), 63U);
  EXPECT_EQ(name[name.size() - 11], '-') << name;
}
INSTANTIATE_TEST_SUITE_P(
    Rest, HashedName,
    testing::Values(
        Shape{"Slash", place("shop", "db", on("feature/login")), "shop--feature-login-"},
        Shape{"Capitals", place("shop", "db", on("Feature-Login")), "shop--feature-login-"},
        Shape{"NoWord", place("shop", "db", on("\xe5\x8a\x9f")), "shop--x-"},
        Shape{"LikeHash", place("shop", "db", on("fix-abcdefghij")), "shop--fix-abcdefghij-"},
        Shape{"AppWithDoubleHyphen", place("foo--x", "db", Production{}), "foo-x--production-"},
        Shape{"LeadingDash", place("shop", "db", on("-x")), "shop--x-"},
        Shape{"ReservedPrefix", place("pg", "audit", Production{}), "pg-audit--production-",
              Rank::further},
        Shape{"ReservedPrefixOfABranch", place("pg", "audit", on("a/b")), "pg-audit--a-b-",
              Rank::further},
        Shape{"PreviewOfACommit", place("shop", "db", preview('e')), "shop--preview-eeeeeee-"},
        Shape{"Long", place("shop", "db", on(std::string(200, 'm'))), "shop--mmmm"}),
    [](const auto& row) { return std::string(row.param.name); });

/// The identity that a name must be injective over.
std::string identity(const Place& where, Rank rank) {
  return where.home.app.text() + '\0' + (rank == Rank::first ? "" : where.component.text()) + '\0' +
         kind_of(where.home.environment) + '\0' + bytes_of(where.home.environment);
}

std::vector<std::string> branches_of_public_projects() {
  std::vector<std::string> names;
  std::ifstream real(std::string(BOUGH_SOURCE_DIR) + "/tests/cases/branches/real.tsv");
  for (std::string line; std::getline(real, line);)
    names.push_back(line.substr(0, line.find('\t')));
  return names;
}

/// Short words over the characters that the rule treats specially: many near-collisions.
class Adversary {
 public:
  explicit Adversary(std::vector<std::string> seeds) : seeds_(std::move(seeds)) {}

  Place next() {
    return place(app(), pick<std::string>({"db", "db-x", "a--b", "main", "production"}),
                 environment());
  }
  Rank rank() { return random_() % 3 == 0 ? Rank::further : Rank::first; }

 private:
  template <typename T>
  T pick(std::initializer_list<T> from) {
    return *(from.begin() + random_() % from.size());
  }
  std::string word(std::string_view alphabet, std::size_t longest) {
    std::string result;
    for (std::size_t length = 1 + random_() % longest; result.size() < length;)
      result += alphabet[random_() % alphabet.size()];
    return result;
  }
  std::string app() {
    for (;;)
      if (auto name = AppName::parse("a" + word("ab-", 5))) return name->text();
  }
  std::string branch() {
    if (random_() % 8 == 0) return seeds_[random_() % seeds_.size()];
    if (random_() % 8 == 0) return std::string(40 + random_() % 30, 'm') + word("ab", 6);
    if (random_() % 8 == 0) return word("ab-", 4) + "-" + word("abc234", 10);
    return word("abA-/_.\xc3\xa4", 9);
  }
  Environment environment() {
    if (random_() % 16 == 0) return Production{};
    if (random_() % 16 == 0) return Preview{};
    if (random_() % 16 == 0) return Preview{*Commit::parse(std::string(39, 'a') + word("abc", 1))};
    for (;;)
      if (auto name = BranchName::parse(branch())) return Branch{*name};
  }

  std::mt19937_64 random_{20260131};
  std::vector<std::string> seeds_;
};

TEST(PhysicalNames, Row26_AreInjectiveOverAMillionAdversarialTriples) {
  Adversary adversary(branches_of_public_projects());
  std::unordered_map<std::string, std::string> owner;
  for (int i = 0; i < 1'000'000; ++i) {
    const Place where = adversary.next();
    const Rank rank = adversary.rank();
    const std::string name = physical_name(where, rank).text();
    ASSERT_LE(name.size(), 63U);
    const auto [entry, fresh] = owner.emplace(name, identity(where, rank));
    ASSERT_TRUE(fresh || entry->second == identity(where, rank)) << name;
  }
  EXPECT_GT(owner.size(), 400'000U);
}

TEST(Environments, AreReadFromTheirKindAndBytes) {
  for (const Environment& one :
       {Environment(Production{}), Environment(Preview{}), preview('a'), on("feature/x")})
    EXPECT_EQ(environment_of(kind_of(one), bytes_of(one)), one) << title(one);
  EXPECT_EQ(environment_of("preview", "abc"), std::nullopt);
  EXPECT_EQ(environment_of("branch", ""), std::nullopt);
  EXPECT_EQ(environment_of("stage", "x"), std::nullopt);
}

TEST(Environments, OfPreviewsAreReadFromTheirAddress) {
  EXPECT_EQ(path_of(preview('a')), "preview/" + std::string(40, 'a'));
  EXPECT_EQ(preview_at(path_of(preview('a'))), preview('a'));
  EXPECT_EQ(preview_at("preview/aaaaaaa"), std::nullopt);
  EXPECT_EQ(preview_at("feature/x"), std::nullopt);
}

TEST(PhysicalNames, OfAnAppCalledPgStayWhereNothingIsReserved) {
  EXPECT_EQ(physical_name(place("pg", "db", Production{}), Rank::first).text(), "pg-production");
}

TEST(Printable, Row58_EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(printable("a\x1b[31m\xe2\x80\xae"), "a\\x1b[31m\\xe2\\x80\\xae");
  EXPECT_EQ(printable("\xff\xc3\xa4"), "\\xff\xc3\xa4");
}

}  // namespace
}  // namespace bough
