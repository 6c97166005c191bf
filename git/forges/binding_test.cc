#include "git/forges/binding.h"

#include <gtest/gtest.h>

namespace bough::forges {
namespace {

struct Naming {
  std::string name;
  std::string said;
  std::string url;
  bool may;
};
void PrintTo(const Naming& row, std::ostream* out) {
  *out << row.name;
}

class Binding : public testing::TestWithParam<Naming> {};

TEST_P(Binding, ComparesWhatAPayloadSaysWithTheConfiguredUrl) {
  EXPECT_EQ(may_be(GetParam().said, GetParam().url), GetParam().may);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Binding,
    testing::Values(
        Naming{"Same", "team/shop", "https://git.example.com/team/shop.git", true},
        Naming{"Case", "Team/Shop", "https://git.example.com/team/shop", true},
        Naming{"BelowAFolder", "team/shop", "https://example.com/gitea/team/shop.git", true},
        Naming{"Groups", "a/b/shop", "https://gitlab.example.com/a/b/shop.git", true},
        Naming{"Ssh", "team/shop", "git@github.com:team/shop.git", true},
        Naming{"SshUrl", "team/shop", "ssh://git@example.com:2222/team/shop.git", true},
        Naming{"Url", "https://dev.azure.com/o/p/_git/shop", "https://dev.azure.com/o/p/_git/shop",
               true},
        Naming{"Silent", "", "https://git.example.com/team/shop.git", true},
        Naming{"LocalPathTellsNothing", "team/shop", "file:///srv/origin.git", true},
        Naming{"Row17_Another", "team/other", "https://git.example.com/team/shop.git", false},
        Naming{"Fork", "mallory/shop", "https://git.example.com/team/shop.git", false},
        Naming{"HalfAName", "m/shop", "https://git.example.com/team/shop.git", false},
        Naming{"Longer", "x/team/shop", "https://git.example.com/team/shop.git", false},
        Naming{"UrlWithoutAPath", "https://evil", "https://git.example.com/team/shop.git", false}),
    [](const auto& row) { return row.param.name; });

constexpr const char* kHead = "1111111111111111111111111111111111111111";
constexpr const char* kOld = "2222222222222222222222222222222222222222";

struct Building {
  std::string name;
  BuildFinished build;
  bool counts;
};
void PrintTo(const Building& row, std::ostream* out) {
  *out << row.name;
}

class Row18 : public testing::TestWithParam<Building> {};

TEST_P(Row18, OnlyTheWantedBuildOfTheHeadCounts) {
  const WantedBuild wanted{"https://git.example.com/team/shop.git", "CI", "main", kHead};
  const auto found = objection(GetParam().build, wanted);
  EXPECT_EQ(!found, GetParam().counts) << found.value_or("");
}

INSTANTIATE_TEST_SUITE_P(
    Table, Row18,
    testing::Values(
        Building{"Wanted", {"team/shop", "main", kHead, "CI", BuildOutcome::succeeded}, true},
        Building{"NoBranchSaid", {"team/shop", "", kHead, "CI", BuildOutcome::succeeded}, true},
        Building{"StaleCommit", {"team/shop", "main", kOld, "CI", BuildOutcome::succeeded}, false},
        Building{"Fork", {"mallory/shop", "main", kHead, "CI", BuildOutcome::succeeded}, false},
        Building{"Nobody", {"", "main", kHead, "CI", BuildOutcome::succeeded}, false},
        Building{"OtherName", {"team/shop", "main", kHead, "ci", BuildOutcome::succeeded}, false},
        Building{"OtherBranch", {"team/shop", "x", kHead, "CI", BuildOutcome::succeeded}, false},
        Building{"Tag", {"team/shop", "main", kHead, "CI", BuildOutcome::succeeded, true}, false}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace bough::forges
