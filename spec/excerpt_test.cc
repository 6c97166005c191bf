#include "spec/excerpt.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

struct Token {
  std::string line;
  int column;
  std::string text;
};

TEST(Tokens, EndWhereAReaderEndsThem) {
  const Token cases[] = {
      {"engine: pg", 1, "engine"},
      {"engine: pg # no", 9, "pg"},
      {"a: b c d  ", 4, "b c d"},
      {"a: \"b \\\" c\" # x", 4, "\"b \\\" c\""},
      {"a: 'b c'", 4, "'b c'"},
      {"a: 'open", 4, "'open"},
      {"- {a: b c, d: e}", 7, "b c"},
      {"- {a: b c, d: e}", 3, "{a: b c, d: e}"},
      {"x ${db.URL} y", 3, "${db.URL}"},
      {"- a", 1, "-"},
      {"\"a\": 1,", 6, "1"},
      {"a:", 1, "a"},
      {"a", 5, ""},
      {"", 1, ""},
  };
  for (const Token& token : cases) {
    const int end = end_of_token(token.line, token.column);
    const auto begin = std::min<std::size_t>(token.column - 1, token.line.size());
    EXPECT_EQ(token.line.substr(begin, static_cast<std::size_t>(end - token.column)), token.text)
        << token.line;
  }
}

struct Case {
  std::string line;
  int begin;
  int end;
  Excerpt excerpt;
};

TEST(Excerpts, ShowWhatIsMeant) {
  const Case cases[] = {
      {"  engine: pg", 11, 13, {"  engine: pg", 10, 2}},
      {"é: ü x", 8, 9, {"é: ü x", 5, 1}},
      {"\ta: b", 2, 3, {" a: b", 1, 1}},
      {"a: b", 9, 9, {"a: b", 4, 1}},
      {"   ", 1, 2, {}},
      {"a\x01z", 3, 4, {"a\\x01z", 5, 1}},
  };
  for (const Case& one : cases) {
    const Excerpt excerpt = excerpt_of(one.line, one.begin, one.end);
    EXPECT_EQ(excerpt.line, one.excerpt.line);
    EXPECT_EQ(excerpt.from, one.excerpt.from) << one.line;
    EXPECT_EQ(excerpt.width, one.excerpt.width) << one.line;
  }
}

TEST(Excerpts, HideSecrets) {
  const std::pair<std::string, std::string> cases[] = {
      {"    value: hunter2", "    value: …"},
      {"  value: 'a b' # c", "  value: …"},
      {"  value: x${db.URL}y${B}", "  value: …${db.URL}…${B}"},
      {"  value: 80", "  value: 80"},
      {"- {key: PIN, type: SECRET, value: 48151623}", "- {key: PIN, type: SECRET, value: …}"},
      {"  api_key: 1234", "  api_key: …"},
      {"  registry_credentials: 123456789", "  registry_credentials: …"},
      {"  value: true", "  value: true"},
      {"- {key: A, value: hunter2, scope: RUN_TIME}", "- {key: A, value: …, scope: RUN_TIME}"},
      {"\"value\": \"hunter2\",", "\"value\": …"},
      {"password: hunter2", "password: …"},
      {"password: {env: PG}", "password: {env: PG}"},
      {"url: postgresql://bough:hunter2@h/d", "url: postgresql://bough:…@h/d"},
      {"url: postgresql://h/d?password=hunter2&a=b", "url: postgresql://h/d?password=…&a=b"},
      {"url: postgresql://bough@h/d:", "url: postgresql://bough@h/d:"},
      {"://@a:", "://@a:"},
      {"  Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA", "  …"},
      {"default_value: shown", "default_value: shown"},
      {"run_command: ./a-long-command-with-many-words",
       "run_command: ./a-long-command-with-many-words"},
  };
  for (const auto& [line, shown] : cases) EXPECT_EQ(excerpt_of(line, 1, 2).line, shown);
}

TEST(Excerpts, KeepTheMarkWhereTheHiddenTextIs) {
  const Excerpt excerpt = excerpt_of("value: abc${X}", 11, 15);
  EXPECT_EQ(excerpt.line, "value: …${X}");
  EXPECT_EQ(excerpt.from, 8);
  EXPECT_EQ(excerpt.width, 4);
}

TEST(Excerpts, AreCutAroundTheMark) {
  const std::string line = std::string(300, 'a') + "MARK" + std::string(300, 'b');
  const Excerpt excerpt = excerpt_of(line, 301, 305);
  EXPECT_TRUE(excerpt.line.starts_with("…aaa")) << excerpt.line;
  EXPECT_TRUE(excerpt.line.ends_with("bb…")) << excerpt.line;
  EXPECT_EQ(excerpt.from, 41);
  EXPECT_EQ(excerpt.width, 4);
}

TEST(TheLines, AreFoundByNumber) {
  const Lines lines("a\r\nb\nc");
  EXPECT_EQ(lines.line(1), "a");
  EXPECT_EQ(lines.line(3), "c");
  EXPECT_EQ(lines.line(4), "");
  EXPECT_EQ(lines.line(0), "");
  EXPECT_EQ(Lines("").line(1), "");
}

}  // namespace
}  // namespace bough
