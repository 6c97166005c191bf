#include "provisioners/postgres/quote.h"

#include <gtest/gtest.h>

namespace bough::postgres {
namespace {

struct Case {
  const char* name;
  std::string text;
  std::string expected;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class Identifier : public testing::TestWithParam<Case> {};
TEST_P(Identifier, Row49_IsOneQuotedName) {
  EXPECT_EQ(identifier(GetParam().text), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Quote, Identifier,
    testing::Values(Case{"Plain", "shop--a", "\"shop--a\""}, Case{"Quote", "a\"b", "\"a\"\"b\""},
                    Case{"Injection", "x\"; DROP TABLE t; --", "\"x\"\"; DROP TABLE t; --\""},
                    Case{"SingleQuote", "a'b", "\"a'b\""}, Case{"Backslash", "a\\b", "\"a\\b\""},
                    Case{"Newline", "a\nb", "\"a\nb\""}, Case{"Umlaut", "größe", "\"größe\""}),
    [](const auto& row) { return row.param.name; });

class Literal : public testing::TestWithParam<Case> {};
TEST_P(Literal, IsOneQuotedText) {
  EXPECT_EQ(literal(GetParam().text), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(Quote, Literal,
                         testing::Values(Case{"Plain", "a", "'a'"}, Case{"Empty", "", "''"},
                                         Case{"Quote", "it's", "'it''s'"},
                                         Case{"Backslash", "a\\", " E'a\\\\'"},
                                         Case{"BackslashQuote", "\\'; DROP", " E'\\\\''; DROP'"},
                                         Case{"DoubleQuote", "a\"b", "'a\"b'"}),
                         [](const auto& row) { return row.param.name; });

struct Fitness {
  const char* name;
  std::string text;
  bool fit;
};
void PrintTo(const Fitness& c, std::ostream* out) {
  *out << c.name;
}

class Unfit : public testing::TestWithParam<Fitness> {};
TEST_P(Unfit, Row49_TellsBytesThatNoStatementMayHold) {
  EXPECT_EQ(!unfit(GetParam().text), GetParam().fit);
}
INSTANTIATE_TEST_SUITE_P(
    Quote, Unfit,
    testing::Values(Fitness{"Ascii", "shop", true}, Fitness{"Control", "a\n\t\x01", true},
                    Fitness{"FourBytes", "🌿", true}, Fitness{"Nul", std::string("a\0b", 3), false},
                    Fitness{"LoneLead", "a\xc3", false}, Fitness{"LoneTrail", "\x80", false},
                    Fitness{"Overlong", "\xc0\xaf", false},
                    Fitness{"OverlongThree", "\xe0\x80\xaf", false},
                    Fitness{"Surrogate", "\xed\xa0\x80", false},
                    Fitness{"BeyondUnicode", "\xf4\x90\x80\x80", false},
                    Fitness{"Latin1", "gr\xf6\xdf", false}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace bough::postgres
