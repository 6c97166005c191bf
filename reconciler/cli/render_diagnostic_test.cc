#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/render.h"
#include "reconciler/documents.h"
#include "spec/app_spec.h"

namespace bough::cli {
namespace {

std::string shown(const std::string& text, Colour colour) {
  std::string result;
  for (const auto& one : diagnostics_document(read_app_spec(text, "app.yaml").diagnostics))
    result += diagnostic_text(one, colour);
  return result;
}

TEST(DiagnosticText, ShowsTheLineAndTheRule) {
  EXPECT_EQ(shown("name: shop\ndatabases:\n- {name: db, engine: pg}\n", Colour::off),
            "app.yaml:3:22: error: `engine` cannot be `pg`; it is one of: PG, MYSQL, REDIS, "
            "MONGODB, KAFKA, OPENSEARCH, VALKEY, UNSET (did you mean PG?)\n"
            "     3 | - {name: db, engine: pg}\n"
            "       |                      ^^\n"
            "       = A word of a fixed list is written exactly as in the list. [unknown-value]\n");
}

TEST(DiagnosticText, HasColoursOnATerminal) {
  const std::string text = shown("name: shop\nName: shop\n", Colour::on);
  EXPECT_NE(text.find("\x1b[1;31merror\x1b[0m"), std::string::npos) << text;
}

TEST(DiagnosticText, HasNoExcerptOfAnEmptyFile) {
  EXPECT_EQ(shown("", Colour::off),
            "app.yaml:1:1: error: the file is empty (an App Spec begins with `name: …`)\n"
            "       = A spec holds something. [empty]\n");
}

TEST(DiagnosticDocument, HasTheRange) {
  const auto list =
      diagnostics_document(read_app_spec("name: shop\nenvs:\n- key: 1X\n", "f").diagnostics);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["range"].dump(),
            R"({"start":{"line":3,"column":8},"end":{"line":3,"column":10}})");
  EXPECT_EQ(list[0]["code"], "bad-variable");
}

TEST(Colours, AreForTerminals) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EQ(colour_of(ends[1]), Colour::off);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace bough::cli
