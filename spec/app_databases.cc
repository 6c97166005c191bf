#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "spec/app_reading.h"
#include "spec/shape.h"

namespace bough::app_reading {
namespace {

constexpr std::size_t kLongestObjectName = 63;
constexpr std::size_t kLongestVersion = 32;

/// A version becomes part of names and is compared as text, so only plain ones pass.
void check_version(const Node& node, Findings& findings) {
  const Node* value = find(node, "version");
  const auto* scalar = value ? std::get_if<Scalar>(&value->content) : nullptr;
  if (!scalar) return;
  const std::string& text = scalar->text;
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
  };
  if (text.size() > kLongestVersion || !std::all_of(text.begin(), text.end(), fits))
    return findings.say(value->at, "bad-version",
                        fmt::format("{} cannot be a version", in_quotes(text)));
  const bool octal = text.size() > 1 && text[0] == '0' && text[1] != '.';
  if (octal && !scalar->quoted)
    findings.say(value->at, "bad-version",
                 fmt::format("{} reads as an octal number without quotes", in_quotes(text)));
}

void check_object_name(const Node& node, std::string_view key, Findings& findings) {
  static constexpr std::array<std::string_view, 7> kReserved{
      "postgres", "template0",          "template1",         "mysql",
      "sys",      "information_schema", "performance_schema"};
  const std::string text = text_at(node, key);
  if (text.empty()) return;
  const Position at = place_of(node, key);
  const std::string engine = text_at(node, "engine");
  if (!engine.empty() && engine != "PG" && engine != "MYSQL" && engine != "UNSET")
    findings.say(at, "unused-key", fmt::format("`{}` means nothing for {}", key, in_quotes(engine)),
                 "it is for PG and MYSQL only");
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c != '"' && c != '\'' && c != '`' && c != ';' && c != '\\' &&
           static_cast<unsigned char>(c) >= 0x20;
  });
  if (!plain || text.size() > kLongestObjectName)
    return findings.say(at, "bad-name", fmt::format("`{}` cannot be {}", key, in_quotes(text)),
                        "use letters, digits, hyphens and underscores, at most 63");
  if (std::find(kReserved.begin(), kReserved.end(), text) != kReserved.end())
    findings.say(at, "reserved-database",
                 fmt::format("`{}` is {}, which belongs to the server", key, in_quotes(text)));
}

}  // namespace

std::optional<DatabaseSpec> read_database(const Node& node, Findings& findings) {
  auto name = read_name<ComponentRule>(node, findings);
  const bool production = flag_at(node, "production", false);
  if (production && text_at(node, "cluster_name").empty())
    findings.say(place_of(node, "production"), "missing-cluster",
                 "a production database needs a `cluster_name`");
  check_version(node, findings);
  check_object_name(node, "db_name", findings);
  check_object_name(node, "db_user", findings);
  if (!name) return std::nullopt;
  return DatabaseSpec{*std::move(name),
                      parse_engine(text_at(node, "engine")),
                      text_at(node, "version"),
                      production,
                      text_at(node, "cluster_name"),
                      text_at(node, "db_name"),
                      text_at(node, "db_user"),
                      text_at(node, "migration_command"),
                      node.at};
}

}  // namespace bough::app_reading
