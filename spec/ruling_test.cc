#include "spec/ruling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "spec/app_spec.h"
#include "spec/config.h"

namespace bough {
namespace {

bool says(const std::vector<Diagnostic>& diagnostics, const Ruling& ruling) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& one) {
    return one.code == ruling.code && one.severity == ruling.severity;
  });
}

std::string text_of(const std::string& path) {
  std::ifstream stream(std::string(BOUGH_SOURCE_DIR "/") + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Rulings, HaveTextsAndCodesOfTheirOwn) {
  std::set<std::string_view> codes;
  for (const Ruling& ruling : rulings()) {
    EXPECT_TRUE(codes.insert(ruling.code).second) << ruling.code;
    EXPECT_FALSE(ruling.rule.empty()) << ruling.code;
    EXPECT_FALSE(ruling.because.empty()) << ruling.code;
    EXPECT_FALSE(ruling.fix.empty()) << ruling.code;
    EXPECT_EQ(find_ruling(ruling.code)->rule, ruling.rule);
  }
  EXPECT_GT(codes.size(), 40U);
  EXPECT_EQ(find_ruling("no-such-code"), nullptr);
}

TEST(Rulings, HaveExamplesThatAreToldSo) {
  for (const auto& table : {rulings_of_files(), rulings_of_specs()})
    for (const Ruling& ruling : table)
      EXPECT_TRUE(ruling.example.empty() ||
                  says(read_app_spec(ruling.example, "f").diagnostics, ruling))
          << ruling.code;
  for (const Ruling& ruling : rulings_of_configurations())
    EXPECT_TRUE(ruling.example.empty() ||
                says(read_config(ruling.example, "f").diagnostics, ruling))
        << ruling.code;
}

TEST(Rulings, AreAllInTheReference) {
  const std::string reference = text_of("docs/spec.md");
  for (const Ruling& ruling : rulings()) {
    const std::string row = "| `" + std::string(ruling.code) + "` | " + word_of(ruling.severity);
    EXPECT_NE(reference.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace bough
