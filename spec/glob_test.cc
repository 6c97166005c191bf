#include "spec/config.h"

#include <gtest/gtest.h>

#include <string>

namespace bough {
namespace {

struct GlobCase {
  std::string pattern;
  std::string text;
  bool matches;
};

TEST(Globs, MatchWholeBranches) {
  const GlobCase cases[] = {
      {"**", "main", true},       {"**", "a/b/c", true},
      {"*", "main", true},        {"*", "a/b", false},
      {"a/*", "a/b", true},       {"a/*", "a/b/c", false},
      {"a/**", "a/b/c", true},    {"a/**", "a", false},
      {"a/**", "ab/c", false},    {"**/b", "a/x/b", true},
      {"**/b", "b", true},        {"**/b", "ab", false},
      {"a/**/b", "a/b", true},    {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "a/xb", false},  {"a**b", "ax/yb", true},
      {"?", "a", true},           {"?", "", false},
      {"a?b", "a/b", false},      {"fix-*", "fix-1", true},
      {"fix-*", "fix-", true},    {"*.x", "a.x", true},
      {"*a*b*c", "xaybzc", true}, {"main", "mainx", false},
      {"[a]", "a", false},        {"**/**/a", "a", true},
      {"*/", "a/", true},
  };
  for (const GlobCase& row : cases)
    EXPECT_EQ(glob_matches(row.pattern, row.text), row.matches) << row.pattern << " " << row.text;
}

TEST(Globs, CostLittleAtWorst) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a**";
  pattern += 'z';
  EXPECT_FALSE(glob_matches(pattern, std::string(4000, 'a') + "/b/c"));
}

}  // namespace
}  // namespace bough
