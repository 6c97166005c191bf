#include "spec/diagnostic.h"

#include <gtest/gtest.h>

#include "spec/engine.h"
#include "spec/findings.h"

namespace bough {
namespace {

TEST(Diagnostics, AreWrittenAsCompilersDo) {
  EXPECT_EQ(to_text({"app.yaml", {3, 5}, Severity::error, "x", "wrong", "mend it"}),
            "app.yaml:3:5: error: wrong (mend it)");
  EXPECT_EQ(to_text({"app.yaml", {1, 1}, Severity::warning, "x", "odd", ""}),
            "app.yaml:1:1: warning: odd");
}

TEST(FindingsOfAFile, AreSortedAndNamedOnce) {
  Findings findings("f");
  findings.warning({2, 1}, "w", "later");
  EXPECT_FALSE(findings.has_errors());
  findings.error({1, 2}, "e", "first");
  findings.error({1, 2}, "e", "first");
  EXPECT_TRUE(findings.has_errors());
  ASSERT_EQ(findings.sorted().size(), 2U);
  EXPECT_EQ(findings.sorted()[0].message, "first");
}

TEST(Quoting, CutsAndShowsWhatCannotBePrinted) {
  EXPECT_EQ(in_quotes("a\x1b"), "`a\\x1b`");
  EXPECT_EQ(in_quotes(std::string(59, 'x') + "éé"), "`" + std::string(59, 'x') + "…`");
}

TEST(Nearest, IsTheWordThatWasMeant) {
  const std::vector<std::string_view> known{"name", "engine", "version", "envs"};
  EXPECT_EQ(nearest("engin", known), "engine");
  EXPECT_EQ(nearest("enigne", known), "engine");
  EXPECT_EQ(nearest("VERSION", known), "version");
  EXPECT_EQ(nearest("x", known), "");
  EXPECT_EQ(nearest("services", known), "");
  EXPECT_EQ(nearest(std::string(1'000'000, 'x'), known), "");
}

TEST(Engines, HaveTheWordsOfTheAppSpec) {
  for (const char* word : {"PG", "MYSQL", "REDIS", "MONGODB", "KAFKA", "OPENSEARCH", "VALKEY"}) {
    ASSERT_TRUE(parse_engine(word)) << word;
    EXPECT_EQ(word_of(*parse_engine(word)), word);
  }
  EXPECT_FALSE(parse_engine("pg"));
  EXPECT_FALSE(parse_engine(""));
}

}  // namespace
}  // namespace bough
