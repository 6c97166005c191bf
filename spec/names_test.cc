#include "spec/names.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

struct Case {
  std::string_view name;
  std::string_view text;
  bool good;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name << " '" << row.text << "'";
}

class Branches : public testing::TestWithParam<Case> {};
TEST_P(Branches, FollowGitsRule) {
  EXPECT_EQ(static_cast<bool>(BranchName::parse(GetParam().text)), GetParam().good);
}
INSTANTIATE_TEST_SUITE_P(
    Rule, Branches,
    testing::Values(Case{"Plain", "main", true}, Case{"Slash", "feature/x", true},
                    Case{"Dash", "-x", true}, Case{"Option", "--upload-pack=x", true},
                    Case{"Shell", "a;rm", true}, Case{"Substitution", "$(id)", true},
                    Case{"AtAlone", "@", true}, Case{"Bytes", "\xff\xfe", true},
                    Case{"Empty", "", false}, Case{"Blank", "a b", false},
                    Case{"Control", "a\x01", false}, Case{"Delete", "a\x7f", false},
                    Case{"Tilde", "a~1", false}, Case{"Caret", "a^", false},
                    Case{"Colon", "a:b", false}, Case{"Bracket", "a[b", false},
                    Case{"Backslash", "a\\b", false}, Case{"DotDot", "a..b", false},
                    Case{"AtBrace", "a@{b", false}, Case{"EndsWithDot", "a.", false},
                    Case{"StartsWithDot", ".a", false}, Case{"PartStartsWithDot", "a/.b", false},
                    Case{"Lock", "a.lock", false}, Case{"PartLock", "a.lock/b", false},
                    Case{"TrailingSlash", "a/", false}, Case{"LeadingSlash", "/a", false},
                    Case{"DoubleSlash", "a//b", false}),
    [](const auto& row) { return std::string(row.param.name); });

class Components : public testing::TestWithParam<Case> {};
TEST_P(Components, FollowTheAppSpec) {
  EXPECT_EQ(static_cast<bool>(ComponentName::parse(GetParam().text)), GetParam().good);
}
INSTANTIATE_TEST_SUITE_P(
    Rule, Components,
    testing::Values(Case{"Plain", "db", true}, Case{"DoubleHyphen", "a--b", true},
                    Case{"Longest", "abcdefghijklmnopqrstuvwxyzabcdef", true},
                    Case{"TooLong", "abcdefghijklmnopqrstuvwxyzabcdefg", false},
                    Case{"TooShort", "a", false}, Case{"Capital", "Db", false},
                    Case{"Underscore", "d_b", false}, Case{"LeadingDigit", "1db", false},
                    Case{"TrailingHyphen", "db-", false}, Case{"Empty", "", false}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Commits, Are40Or64LowerHexDigits) {
  EXPECT_TRUE(Commit::parse(std::string(40, 'a')));
  EXPECT_TRUE(Commit::parse(std::string(64, '0')));
  EXPECT_FALSE(Commit::parse(std::string(41, 'a')));
  EXPECT_FALSE(Commit::parse(std::string(40, 'A')));
}

}  // namespace
}  // namespace bough
