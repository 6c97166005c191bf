#include "spec/document.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "spec/result.h"

namespace bough {
namespace {

/// The tree on one line with the places of keys and values, as in `@1:1{a@1:1=@1:4 x}`.
std::string shown(const Node& node) {
  std::string text = fmt::format("@{}:{}", node.at.line, node.at.column);
  std::visit(Match{[&](const Null&) { text += " null"; },
                   [&](const Scalar& scalar) {
                     text += scalar.quoted ? " '" + scalar.text + "'" : " " + scalar.text;
                   },
                   [&](const Sequence& sequence) {
                     text += "[";
                     for (const Node& item : sequence.items) text += shown(item) + ",";
                     text += "]";
                   },
                   [&](const Mapping& mapping) {
                     text += "{";
                     for (const Entry& entry : mapping.entries)
                       text += fmt::format("{}@{}:{}={},", entry.key, entry.at.line,
                                           entry.at.column, shown(entry.value));
                     text += "}";
                   }},
             node.content);
  return text;
}

std::string read(const std::string& text) {
  Findings findings("f");
  const auto node = read_document(text, findings);
  std::string result = node ? shown(*node) : "nothing";
  for (const Diagnostic& diagnostic : findings.sorted()) result += "\n" + to_text(diagnostic);
  return result;
}

struct Case {
  std::string name;
  std::string text;
  std::string expected;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class DocumentReading : public testing::TestWithParam<Case> {};
TEST_P(DocumentReading, Gives) {
  EXPECT_EQ(read(GetParam().text), GetParam().expected);
}

const Case kTrees[] = {
    {"Empty", "", "@1:1 null"},
    {"PlainAndQuoted", "a: 16\nb: \"16\"\nc: '16'\nd: |\n  16\n",
     "@1:1{a@1:1=@1:4 16,b@2:1=@2:4 '16',c@3:1=@3:4 '16',d@4:1=@4:4 '16\n',}"},
    {"Tags", "a: !!str 16\nb: !!int 16\nc: ! 16\n",
     "@1:1{a@1:1=@1:4 '16',b@2:1=@2:4 16,c@3:1=@3:4 '16',}"},
    {"Nested", "a:\n  - b: 1\n  - [c]\n", "@1:1{a@1:1=@2:3[@2:5{b@2:5=@2:8 1,},@3:5[@3:6 c,],],}"},
    {"ColumnsAreBytes", "{é: ü, x: y}", "@1:1{é@1:2=@1:6 ü,x@1:10=@1:13 y,}"},
    {"Alias", "a: &x {b: 1}\nc: *x\n",
     "@1:1{a@1:1=@1:4{b@1:8=@1:11 1,},c@2:1=@2:4{b@1:8=@1:11 1,},}"},
    {"Merge", "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n",
     "@1:1{a@1:1=@1:4{b@1:8=@1:11 1,c@1:14=@1:17 2,},d@2:1=@3:3{c@4:3=@4:6 3,b@1:8=@1:11 1,},}"},
    {"MergeOfSeveralTakesTheFirst", "<<: [{a: 1}, {a: 2, b: 3}]\n",
     "@1:1{a@1:7=@1:10 1,b@1:21=@1:24 3,}"},
    {"QuotedMergeKeyIsAKey", "'<<': 1\n", "@1:1{<<@1:1=@1:7 1,}"},
    {"JsonSurrogates", "{\"a\": \"\\ud83d\\ude00\", \"b\": \"\\\\ud83d\\\\ude00\"}",
     "@1:1{a@1:2=@1:7 '😀',b@1:21=@1:26 '\\ud83d\\ude00',}"},
    {"WindowsLines", "a: 1\r\nb: 2\r\n", "@1:1{a@1:1=@1:4 1,b@2:1=@2:4 2,}"},
};
INSTANTIATE_TEST_SUITE_P(Trees, DocumentReading, testing::ValuesIn(kTrees),
                         [](const auto& row) { return row.param.name; });

const Case kErrors[] = {
    {"Comma", ",",
     "@1:1 null\nf:1:1: error: a text cannot begin with this character (quote the text)"},
    {"CommaAndMore", ",a: b",
     "@1:1 null\nf:1:1: error: a text cannot begin with this character (quote the text)"},
    {"CommaAfterDocument", "a: b\n--- ,",
     "@1:1{a@1:1=@1:4 b,}\nf:2:1: error: a second document begins here (keep one document in the "
     "file)"},
    {"ContentAfterList", "- a\nb: c",
     "@1:1[@1:3 a,]\nf:2:1: error: this does not belong to the document before it (check the "
     "indentation)"},
    {"Repeated", "a: 1\nb: 2\na: 3\n",
     "@1:1{a@1:1=@1:4 1,b@2:1=@2:4 2,}\nf:3:1: error: the key `a` was already given at line 1 "
     "(remove one of the two)"},
    {"Cycle", "a: &x [*x]",
     "nothing\nf:1:8: error: an alias stands inside the value that it names (write the value out)"},
    {"UnknownAlias", "a: *x",
     "nothing\nf:1:4: error: the alias names no anchor before it (define the anchor with `&`, or "
     "quote the text if the `*` belongs to it)"},
    {"MergeOfText", "<<: x\n",
     "@1:1{}\nf:1:5: error: the key `<<` takes a mapping, but here is a text (name an anchor of a "
     "mapping, as in `<<: *common`)"},
    {"ListAsKey", "? [a]\n: b\n",
     "@1:1{}\nf:1:3: error: a key must be a text, but here is a list (quote the key, or check the "
     "indentation)"},
    {"UnknownTag", "a: !!binary x\n",
     "@1:1{a@1:1=@1:4 x,}\nf:1:4: error: unknown tag `tag:yaml.org,2002:binary` (remove it, or "
     "quote the text if the `!` belongs to it)"},
    {"OpenList", "a:\n  - [b,\n",
     "nothing\nf:2:5: error: the list in `[ ]` is not closed here (close it, and separate entries "
     "by commas)"},
    {"OpenQuote", "a: b\nc: 'd\ne: f\n",
     "@1:1{a@1:1=@1:4 b,c@2:1=@2:4 'd e: f ',}\nf:2:4: error: a quoted text is not closed (add the "
     "closing quote)"},
    {"OpenDoubleQuote", "a: &x \"b\\\"\n",
     "@1:1{a@1:1=@1:4 'b\" ',}\nf:1:4: error: a quoted text is not closed (add the closing quote)"},
    {"OpenQuoteAtTheEnd", "a: 'b",
     "nothing\nf:1:6: error: a quoted text is not closed (add the closing quote)"},
    {"ColonInText", "a: b: c\n",
     "nothing\nf:1:5: error: a `:` stands where none can be (quote the value if it contains `: `, "
     "or check the indentation)"},
    {"At", "a: @b\n",
     "nothing\nf:1:4: error: a text cannot begin with this character (quote the text)"},
    {"Tab", "a:\n  b: 1\n\tc: 2\n",
     "nothing\nf:3:1: error: a tab is used for indentation (indent with spaces)"},
    {"InvalidUtf8", "a: b\nc: x\xff\n",
     "nothing\nf:2:5: error: the byte \\xff is not valid UTF-8 (save the file as UTF-8 text)"},
    {"Surrogate", "a: \xed\xa0\x80",
     "nothing\nf:1:4: error: the byte \\xed is not valid UTF-8 (save the file as UTF-8 text)"},
    {"Nul", std::string("a: \0b", 5),
     "nothing\nf:1:4: error: the control character \\x00 is not allowed (save the file as UTF-8 "
     "text)"},
    {"Utf16",
     std::string("\xff\xfe"
                 "a\0",
                 4),
     "nothing\nf:1:1: error: the file is UTF-16, not UTF-8 (save the file as UTF-8 text)"},
};
INSTANTIATE_TEST_SUITE_P(Errors, DocumentReading, testing::ValuesIn(kErrors),
                         [](const auto& row) { return row.param.name; });

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

std::string billion_laughs() {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i)
    text += fmt::format("a{0}: &a{0} [*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1}]\n", i,
                        i - 1);
  return text;
}

std::string growing_anchors() {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 500; ++i) text += fmt::format("a{0}: &a{0} [*a{1}]\n", i, i - 1);
  return text;
}

/// Inputs made to cost much; each must be refused, with a reason, before it does.
struct Bomb {
  std::string name;
  std::string text;
  std::string code;
};
void PrintTo(const Bomb& bomb, std::ostream* out) {
  *out << bomb.name;
}

class DocumentBombs : public testing::TestWithParam<Bomb> {};
TEST_P(DocumentBombs, Row46_AreRefusedSoon) {
  const auto start = std::chrono::steady_clock::now();
  Findings findings("f");
  EXPECT_FALSE(read_document(GetParam().text, findings));
  ASSERT_FALSE(findings.sorted().empty());
  EXPECT_EQ(findings.sorted()[0].code, GetParam().code) << to_text(findings.sorted()[0]);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

const Bomb kBombs[] = {
    {"BillionLaughs", billion_laughs(), "too-large"},
    {"AnchorsAroundAnchors", growing_anchors(), "too-deep"},
    {"LongTextRepeated",
     "a: &a " + repeated("x", 500'000) + "\nb: [" + repeated("*a, ", 1000) + "]", "too-large"},
    {"Brackets", repeated("[", 100'000), "too-deep"},
    {"Braces", repeated("{a: ", 100'000), "too-deep"},
    {"Dashes", repeated("- ", 100'000), "too-deep"},
    {"Questions", repeated("? ", 100'000), "too-deep"},
    {"Steps",
     [] {
       std::string text;
       for (int i = 0; i < 1000; ++i)
         text += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
       return text;
     }(),
     "too-deep"},
    {"ManyValues", "[" + repeated("1,", 200'000) + "]", "too-large"},
    {"ManyMerges",
     "a: &a {" +
         [] {
           std::string text;
           for (int i = 0; i < 10'000; ++i) text += fmt::format("k{}: 1, ", i);
           return text;
         }() +
         "}\nb: {" + repeated("<<: *a, ", 100) + "}",
     "too-large"},
    {"LargeFile", repeated("# x\n", 300'000), "too-large"},
};
INSTANTIATE_TEST_SUITE_P(All, DocumentBombs, testing::ValuesIn(kBombs),
                         [](const auto& row) { return row.param.name; });

TEST(DocumentKeys, ManyOfOneMappingAreFine) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += fmt::format("k{}: 1\n", i);
  Findings findings("f");
  const auto node = read_document(text, findings);
  ASSERT_TRUE(node);
  EXPECT_EQ(std::get<Mapping>(node->content).entries.size(), 40'000U);
}

TEST(PlainTexts, AreToldApartAsYamlReadersDo) {
  for (const char* text : {"16", "-1", "1.10", "012", "0x1f", "0o17", "1e3", ".5", "1_000"})
    EXPECT_EQ(plain_kind(text), Plain::number) << text;
  for (const char* text : {"yes", "On", "FALSE", "n"})
    EXPECT_EQ(plain_kind(text), Plain::boolean) << text;
  for (const char* text : {"", "a", "1.2.3", "1a", "e", "-", "0x", "infinity", "nan", "tRue"})
    EXPECT_EQ(plain_kind(text), Plain::text) << text;
}

}  // namespace
}  // namespace bough
