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

TEST(Diagnostics, StrictlyWarningsAreErrors) {
  const auto strictly =
      strict({{"f", {}, Severity::warning, "a", "", ""}, {"f", {}, Severity::note, "b", "", ""}});
  EXPECT_EQ(strictly[0].severity, Severity::error);
  EXPECT_EQ(strictly[1].severity, Severity::note);
}

TEST(FindingsOfAFile, AreSortedAndNamedOnce) {
  Findings findings("f");
  findings.say({2, 1}, "key-case", "later");
  EXPECT_FALSE(findings.has_errors());
  findings.say({1, 2}, "unknown-key", "first");
  findings.say({1, 2}, "unknown-key", "first");
  EXPECT_TRUE(findings.has_errors());
  ASSERT_EQ(findings.sorted().size(), 2U);
  EXPECT_EQ(findings.sorted()[0].message, "first");
}

TEST(FindingsOfAFile, KeepAnErrorAmongManyNotes) {
  Findings findings("f");
  for (int line = 1; line < 20'000; ++line) findings.say({line, 1}, "unquoted", "odd");
  EXPECT_FALSE(findings.full());
  findings.say({20'000, 1}, "unknown-key", "wrong");
  EXPECT_TRUE(has_errors(findings.sorted()));
}

TEST(FindingsOfAFile, TakeFixAndSeverityFromTheRuling) {
  Findings findings("f");
  findings.say({1, 1}, "key-case", "odd");
  EXPECT_EQ(findings.sorted()[0].fix, "write the key in lower case");
  EXPECT_EQ(findings.sorted()[0].severity, Severity::warning);
}

TEST(FindingsOfAFile, ShowTheLineAndTheRange) {
  Findings findings("f",
                    "\xef\xbb\xbf"
                    "a: 1\nengine: pg  # no\n");
  findings.say({2, 9}, "unknown-value", "wrong");
  const Diagnostic found = findings.sorted().at(0);
  EXPECT_EQ(found.end, (Position{2, 11}));
  EXPECT_EQ(found.excerpt, (Excerpt{"engine: pg  # no", 8, 2}));
}

TEST(FindingsOfAFile, FindWordsInAValue) {
  const Findings findings("f", "a: 'x ${b}'\nc: |\n  one\n  ${b}\nd: x\ne: ${b}\n");
  EXPECT_EQ(findings.within({1, 4}, "${b}"), (Position{1, 7}));
  EXPECT_EQ(findings.within({2, 4}, "${b}"), (Position{4, 3}));
  EXPECT_EQ(findings.within({5, 4}, "${b}"), (Position{5, 4}));
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

TEST(Choices, AreShownPrintableAndCut) {
  const std::string longer(70, 'y');
  EXPECT_EQ(choice_fix("x", {"main\x1b", longer}),
            "use one of: main\\x1b, " + std::string(60, 'y') + "…");
  EXPECT_EQ(choice_fix("main", {"main\x1b"}), "did you mean main\\x1b?");
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
