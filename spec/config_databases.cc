#include <fmt/format.h>

#include "spec/config_parts.h"
#include "spec/config_rules.h"
#include "spec/shape.h"

namespace bough {
namespace {

using std::chrono::milliseconds;

constexpr int kMostConnections = 100'000;
constexpr int kMostSpares = 100;
constexpr milliseconds kShortestRefresh = std::chrono::minutes(1);
constexpr milliseconds kShortestTtl = std::chrono::minutes(1);

/// A whole number within limits; nothing when it is absent or wrong.
std::optional<int> count_if_given(const Node& node, std::string_view key, int least, int most,
                                  Findings& findings) {
  if (!find(node, key)) return std::nullopt;
  const long long count = number_at(node, key, least);
  if (count >= least && count <= most) return static_cast<int>(count);
  findings.say(place_of(node, key), "bad-value",
               fmt::format("`{}` must be from {} to {}", key, least, most),
               "write a number such as 20");
  return std::nullopt;
}

std::optional<milliseconds> duration_if_given(const Node& node, std::string_view key,
                                              milliseconds least, Findings& findings) {
  if (!find(node, key)) return std::nullopt;
  return read_duration(node, key, {least, least}, findings);
}

Limits read_limits(const Node& repository, Findings& findings) {
  const Node* node = find(repository, "limits");
  if (!node) return {};
  const auto timeout = [&](std::string_view key) {
    return duration_if_given(*node, key, milliseconds(1), findings);
  };
  Limits limits;
  limits.connections = count_if_given(*node, "connections", 1, kMostConnections, findings);
  limits.statement_timeout = timeout("statement_timeout");
  limits.idle_timeout = timeout("idle_timeout");
  limits.idle_in_transaction_timeout = timeout("idle_in_transaction_timeout");
  const auto size = text_if_given(*node, "size");
  if (!size) return limits;
  limits.size_bytes = parse_size(*size);
  if (!limits.size_bytes || *limits.size_bytes == 0)
    findings.say(place_of(*node, "size"), "bad-value",
                 fmt::format("`size` must be a size, not {}", in_quotes(*size)),
                 "write it like 512MiB or 5GiB");
  return limits;
}

Copy copy_of(std::string_view word) {
  if (word == "schema") return Copy::schema;
  if (word == "data") return Copy::data;
  return word == "masked" ? Copy::masked : Copy::none;
}

/// Exactly one of a column and a whole table; only a whole table can be empty.
std::optional<MaskingRule> read_masking(const Node& node, Findings& findings) {
  const std::string column = text_at(node, "column");
  const std::string table = text_at(node, "table");
  const std::string with = text_at(node, "with");
  const auto dot = column.rfind('.');
  const bool whole = !table.empty() && column.empty() && with == "empty";
  const bool part = table.empty() && dot != std::string::npos && dot > 0 &&
                    dot + 1 < column.size() && with != "empty";
  if (whole) return MaskingRule{table, "", with};
  if (part) return MaskingRule{column.substr(0, dot), column.substr(dot + 1), with};
  findings.say(node.at, "bad-value", "this rule names neither a column nor a table to empty",
               "write {column: users.email, with: email} or {table: sessions, with: empty}");
  return std::nullopt;
}

CopyConfig read_copies(const Node& node, Findings& findings) {
  CopyConfig copies;
  copies.what = copy_of(text_at(node, "copy"));
  copies.refresh =
      read_duration(node, "copy_refresh", {copies.refresh, kShortestRefresh}, findings);
  for (const Node& item : items_at(node, "masking"))
    if (auto rule = read_masking(item, findings)) copies.masking.push_back(*std::move(rule));
  copies.spares = count_if_given(node, "spares", 0, kMostSpares, findings).value_or(copies.spares);
  if (copies.what == Copy::masked && copies.masking.empty())
    findings.say(place_of(node, "copy"), "bad-value", "`copy: masked` needs `masking`",
                 "say what to hide, such as masking: [{column: users.email, with: email}]");
  return copies;
}

std::optional<SeedConfig> read_seed(const Node& node, Findings& findings) {
  const auto command = text_if_given(node, "seed_command");
  const std::string when = text_at(node, "seed");
  if (!command && !when.empty())
    findings.say(place_of(node, "seed"), "bad-value", "`seed` needs `seed_command`",
                 "add seed_command: or remove seed:");
  if (!command) return std::nullopt;
  if (when == "always") return SeedConfig{*command, SeedWhen::always};
  return SeedConfig{*command, when == "on_change" ? SeedWhen::on_change : SeedWhen::once};
}

std::vector<TrustedSource> read_trusted_sources(const Node& node) {
  std::vector<TrustedSource> sources;
  for (const Node& item : items_at(node, "trusted_sources"))
    sources.push_back({text_at(item, "address"), text_if_given(item, "login")});
  return sources;
}

std::vector<std::string> read_extensions(const Node& node) {
  std::vector<std::string> names;
  for (const Node& item : items_at(node, "extensions"))
    if (const auto* scalar = std::get_if<Scalar>(&item.content)) names.push_back(scalar->text);
  return names;
}

void read_departure(const Node& node, RepositoryConfig& config, Findings& findings) {
  config.ttl = duration_if_given(node, "ttl", kShortestTtl, findings);
  const Node* deleted = find(node, "on_branch_deleted");
  if (!deleted) return;
  config.hold = read_duration(*deleted, "hold", {config.hold, milliseconds(0)}, findings);
  config.dump = flag_at(*deleted, "dump", config.dump);
}

}  // namespace

DumpConfig read_dumps(const Node& root, Findings& findings) {
  DumpConfig dumps;
  if (const Node* node = find(root, "dumps"))
    dumps.keep = read_duration(*node, "keep", {dumps.keep, std::chrono::minutes(1)}, findings);
  return dumps;
}

void read_database_rules(const Node& repository, RepositoryConfig& config, Findings& findings) {
  config.copies = read_copies(repository, findings);
  read_departure(repository, config, findings);
  config.limits = read_limits(repository, findings);
  config.extensions = read_extensions(repository);
  config.trusted_sources = read_trusted_sources(repository);
  if (text_at(repository, "on_failure") == "restore") config.on_failure = OnFailure::restore;
  config.seed = read_seed(repository, findings);
  if (text_at(repository, "forks") == "approve") config.forks = Forks::approve;
  config.rehearse = flag_at(repository, "rehearse", false);
}

}  // namespace bough
