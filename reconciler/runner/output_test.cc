#include "reconciler/runner/output.h"

#include <gtest/gtest.h>

#include <random>

namespace bough::runner {
namespace {

std::string cleaned(std::string_view bytes) {
  Cleaner cleaner;
  auto text = cleaner.feed(bytes);
  return text + cleaner.finish();
}

std::string masked(const std::vector<std::string>& secrets, std::string_view text) {
  Masker masker(secrets);
  auto shown = masker.feed(text);
  return shown + masker.finish();
}

std::vector<std::string> lines_of(std::string_view bytes, std::size_t piece) {
  std::vector<std::string> lines;
  OutputLines output({"s3cret!word"}, [&](std::string_view line) { lines.emplace_back(line); });
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    output.feed(bytes.substr(0, piece));
  }
  output.finish();
  return lines;
}

TEST(Cleaner, LeavesOnlyTextThatIsSafeToShow) {
  const struct {
    const char* name;
    std::string_view bytes;
    std::string_view text;
  } cases[] = {
      {"plain text, tabs and newlines stay", "a\tb\nc", "a\tb\nc"},
      {"valid UTF-8 stays", "h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8C\xB3",
       "h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8C\xB3"},
      {"colours vanish", "\x1b[32mok\x1b[0m", "ok"},
      {"a lone escape vanishes",
       "\x1b"
       "7x\x1b",
       "7x"},
      {"a title cannot be set", "\x1b]0;title\x07", "]0;title\xEF\xBF\xBD"},
      {"an unended sequence does not eat the line", "\x1b[1\nnext", "\nnext"},
      {"a return ends a line", "10%\r20%\r\nend", "10%\n20%\nend"},
      {"NUL and backspace are replaced", std::string_view("a\0b\b", 4),
       "a\xEF\xBF\xBD"
       "b\xEF\xBF\xBD"},
      {"a stray byte is replaced",
       "a\xFF"
       "b",
       "a\xEF\xBF\xBD"
       "b"},
      {"a cut character is replaced", "a\xE2\x82", "a\xEF\xBF\xBD"},
      {"an overlong form is replaced", "\xE0\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"eight-bit controls are replaced",
       "\xC2\x9B"
       "31m",
       "\xEF\xBF\xBD"
       "31m"},
      {"text cannot turn around",
       "a\xE2\x80\xAE"
       "b",
       "a\xEF\xBF\xBD"
       "b"},
      {"line separators are no newlines",
       "a\xE2\x80\xA8"
       "b",
       "a\xEF\xBF\xBD"
       "b"},
  };
  for (const auto& each : cases) EXPECT_EQ(cleaned(each.bytes), each.text) << each.name;
}

TEST(Masker, Row88_HidesSecretsInEveryForm) {
  const struct {
    const char* name;
    std::string secret;
    std::string text;
    std::string shown;
  } cases[] = {
      {"as it is", "p@ss word", "x p@ss word y", "x *** y"},
      {"in a URL", "p@ss word", "//u:p%40ss%20word@h", "//u:***@h"},
      {"in a URL in lower case", "a+/b", "a%2b%2fb", "***"},
      {"in base64 at its start", "hunter22", "aHVudGVyMjI=", "***I="},
      {"in base64 after one byte", "hunter22", "OmhhbnRlcg== Omh1bnRlcjIy", "OmhhbnRlcg== Om***"},
      {"in base64 after two bytes", "hunter22", "dTpodW50ZXIyMgo=", "dTp***go="},
      {"in the base64 of URLs", "\xFF\xEF\xBF\xFF\xFE\xFF", "_--___7_", "***"},
      {"twice", "hunter22", "hunter22hunter22", "******"},
      {"not when shorter than four bytes", "abc", "abc", "abc"},
      {"not when it only begins", "hunter22", "hunter2", "hunter2"},
      {"over two lines", "line one\nline two", "a line one\nline two b", "a *** b"},
      {"with what cleaning took out", "pa\x1b[0mss", "pass", "***"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(masked({each.secret}, each.text), each.shown) << each.name;
  }
}

TEST(Masker, PrefersTheLongerOfTwoSecrets) {
  EXPECT_EQ(masked({"abcd", "abcdefgh", "xabc"}, "abcdefgh abcdef xabcdefgh"),
            "*** ***ef ***defgh");
}

TEST(Masker, Row88_CutsMakeNoDifference) {
  std::mt19937 random(7);
  const std::vector<std::string> secrets{"aabaab", "abab", "baaab+"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int at = 0; at < 200; ++at) text += "ab+"[random() % 16 / 7];
    Masker masker(secrets);
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
      const auto size = 1 + random() % 9;
      shown += masker.feed(std::string_view(text).substr(at, size));
      at += size;
    }
    shown += masker.finish();
    ASSERT_EQ(shown, masked(secrets, text)) << text;
  }
}

TEST(OutputLines, AreTheSameHoweverTheBytesArrive) {
  const std::string bytes =
      "one\r\n\x1b[1mtwo\x1b[0m s3cret!word\n\nh\xC3\xA9\xE2\x82\xAC s3cret%21word\nend";
  const std::vector<std::string> lines{"one", "two ***", "", "h\xC3\xA9\xE2\x82\xAC ***", "end"};
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    EXPECT_EQ(lines_of(bytes, piece), lines) << piece << " bytes at a time";
  }
}

TEST(OutputLines, SplitLongLinesBetweenCharacters) {
  std::string bytes = "x";
  while (bytes.size() < 200000) bytes += "\xE2\x82\xAC";
  const auto lines = lines_of(bytes, 1000);
  std::string together;
  for (const auto& line : lines) {
    EXPECT_LE(line.size(), 65536u);
    EXPECT_EQ(cleaned(line), line) << "a character was cut";
    together += line;
  }
  EXPECT_EQ(lines.size(), 4u);
  EXPECT_EQ(together, bytes);
}

}  // namespace
}  // namespace bough::runner
