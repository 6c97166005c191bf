#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "spec/app_spec.h"
#include "spec/config.h"
#include "spec/place.h"

namespace bough {
namespace {

constexpr int kRounds = 4000;

constexpr std::string_view kConfig = R"(
data_dir: /var/lib/bough
journal: postgresql://bough@db/journal
journal_password: {file: /run/secrets/journal}
listen: 127.0.0.1:7420
poll: 5m
dev: {binaries: [/opt/pg16/bin], user: bough}
instances:
  - &main {name: main-pg, engine: PG, url: "postgresql://h/x", password: {env: PG}}
  - {<<: *main, name: other}
repositories:
  - name: shop
    url: git@git.example.com:team/shop.git
    credentials: {username: bot, ssh_key: {file: id}}
    branches: {include: ["**"], exclude: ["dependabot/**"]}
    instance: main-pg
    on_branch_deleted: {hold: 2d, dump: false}
    limits: {connections: 20, statement_timeout: 60s, size: 5GiB}
    webhooks: [{provider: github, secret: {env: HOOK_SECRET}}]
tokens: [{name: ci, scopes: [read, plan], secret: {env: CI_TOKEN}}]
)";

std::vector<std::string> seeds() {
  std::vector<std::string> texts{std::string(kConfig)};
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(BOUGH_SOURCE_DIR "/tests/cases/specs"))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return texts;
}

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t limit) {
  return random() % limit;
}

/// Changes one thing, chosen with YAML in mind.
void mutate(std::string& text, Random& random) {
  static const std::vector<std::string> kPieces{
      "&a ", "*a",      "<<: *a", "- ",   ": ", "{",   "}",     "[",     "]",   ",",
      "\n",  "\t",      "'",      "\"",   "|",  ">",   "!!str", "---\n", "...", "? ",
      "#",   "%",       "\\",     "null", "~",  "yes", "1e999", "\xff",  "é",   "\xef\xbb\xbf",
      "${",  "${db.X}", "name:",  "\r"};
  if (text.empty()) text = "x";
  const std::size_t at = below(random, text.size());
  switch (below(random, 6)) {
    case 0:
      text.resize(at);
      break;
    case 1:
      text[at] = static_cast<char>(text[at] ^ (1 << below(random, 8)));
      break;
    case 2:
      text.erase(at, below(random, 40));
      break;
    case 3:
      text.insert(at, text.substr(below(random, text.size()), below(random, 200)));
      break;
    default:
      text.insert(at, kPieces[below(random, kPieces.size())]);
  }
}

/// What holds of every answer, whatever was read.
void expect_sound(const std::vector<Diagnostic>& diagnostics, bool read, const std::string& text) {
  EXPECT_EQ(read, !has_errors(diagnostics)) << text;
  EXPECT_LE(diagnostics.size(), 101U);
  for (const Diagnostic& diagnostic : diagnostics) {
    EXPECT_EQ(printable(to_text(diagnostic)), to_text(diagnostic)) << text;
    EXPECT_GE(diagnostic.at.line, 1) << text;
    EXPECT_GE(diagnostic.at.column, 1) << text;
    const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
    EXPECT_LE(diagnostic.at.line, lines + 1) << text << to_text(diagnostic);
    EXPECT_FALSE(diagnostic.fix.empty()) << to_text(diagnostic);
    EXPECT_EQ(printable(diagnostic.excerpt.line), diagnostic.excerpt.line) << text;
    EXPECT_EQ(diagnostic.excerpt.line.empty(), diagnostic.excerpt.width == 0) << text;
  }
}

TEST(Mutations, Row47_OfRealFilesAreAnsweredSoundly) {
  const std::vector<std::string> originals = seeds();
  ASSERT_GT(originals.size(), 20U);
  Random random(20'260'000);
  for (int round = 0; round < kRounds && !testing::Test::HasFailure(); ++round) {
    std::string text = originals[below(random, originals.size())];
    for (std::size_t changes = 1 + below(random, 4); changes > 0; --changes) mutate(text, random);
    const auto app = read_app_spec(text, "f");
    expect_sound(app.diagnostics, app.spec.has_value(), text);
    const auto config = read_config(text, "f");
    expect_sound(config.diagnostics, config.config.has_value(), text);
  }
}

TEST(Mutations, Row47_OfAlmostNothingAreAnsweredSoundly) {
  Random random(7);
  for (int round = 0; round < kRounds && !testing::Test::HasFailure(); ++round) {
    std::string text;
    for (std::size_t changes = 1 + below(random, 12); changes > 0; --changes) mutate(text, random);
    const auto app = read_app_spec(text, "f");
    expect_sound(app.diagnostics, app.spec.has_value(), text);
  }
}

}  // namespace
}  // namespace bough
