#include <gtest/gtest.h>

#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

std::string text_of(const Variables& variables, const char* format) {
  const auto text = env_text(variables, format);
  return text ? *text : "error: " + text.error().message;
}

TEST(EnvText, QuotesAsEachFormatAsks) {
  const Variables odd{{"A", "it's $1 \"x\"\nnext"}};
  EXPECT_EQ(text_of(odd, "shell"), "export A='it'\\''s $1 \"x\"\nnext'\n");
  EXPECT_EQ(text_of(odd, "dotenv"), "A=\"it's \\$1 \\\"x\\\"\\nnext\"\n");
  EXPECT_EQ(text_of({{"A", "it's $1"}}, "docker"), "A=it's $1\n");
}

TEST(EnvText, RefusesForDockerWhatWouldBeAnotherVariable) {
  for (const char* value : {"a\nLD_PRELOAD=/tmp/x.so", "a\rb", "\n"}) {
    const std::string text = text_of({{"A", "fine"}, {"NOTE", value}}, "docker");
    EXPECT_TRUE(text.starts_with("error: NOTE has more than one line")) << text;
  }
}

}  // namespace
}  // namespace bough::cli
