#include <fmt/format.h>

#include "spec/config_parts.h"
#include "spec/config_rules.h"
#include "spec/shape.h"

namespace bough {
namespace {

using std::chrono::milliseconds;

/// A whole number from `least` on; the fallback when it is absent or wrong.
int read_count(const Node& node, std::string_view key, int fallback, int least,
               Findings& findings) {
  constexpr int kMost = 100'000'000;
  const long long count = number_at(node, key, fallback);
  if (count >= least && count <= kMost) return static_cast<int>(count);
  findings.say(place_of(node, key), "bad-value",
               fmt::format("`{}` must be from {} to {}", key, least, kMost),
               fmt::format("write a number such as {}", fallback));
  return fallback;
}

long long read_amount(const Node& node, std::string_view key, long long fallback,
                      Findings& findings) {
  constexpr long long kLeast = 16LL << 20;
  const auto text = text_if_given(node, key);
  if (!text) return fallback;
  const auto size = parse_size(*text);
  if (size && *size >= kLeast) return *size;
  findings.say(place_of(node, key), "bad-value",
               size ? fmt::format("`{}` must be at least 16MiB", key)
                    : fmt::format("`{}` must be a size, not {}", key, in_quotes(*text)),
               "write it like 512MiB or 5GiB");
  return fallback;
}

CommandLimits read_command_limits(const Node& repository, Findings& findings) {
  const Node* node = find(repository, "command_limits");
  CommandLimits limits;
  if (!node) return limits;
  limits.memory = read_amount(*node, "memory", limits.memory, findings);
  limits.processes = read_count(*node, "processes", limits.processes, 8, findings);
  limits.files = read_count(*node, "files", static_cast<int>(limits.files), 1, findings);
  limits.disk = read_amount(*node, "disk", limits.disk, findings);
  return limits;
}

NetworkConfig read_network(const Node& repository) {
  const Node* node = find(repository, "network");
  NetworkConfig network;
  if (!node) return network;
  if (find(*node, "build")) network.build = text_at(*node, "build") == "on";
  if (find(*node, "migration")) network.migration = text_at(*node, "migration") == "on";
  return network;
}

CommandPolicy policy_of(std::string_view word) {
  if (word == "operator") return CommandPolicy::operators;
  return word == "none" ? CommandPolicy::none : CommandPolicy::branch;
}

}  // namespace

void read_command_rules(const Node& repository, RepositoryConfig& config, Findings& findings) {
  const auto timeout = [&](std::string_view key, milliseconds fallback) {
    return read_duration(repository, key, {fallback, milliseconds(1)}, findings);
  };
  config.build_timeout = timeout("build_timeout", config.build_timeout);
  config.migration_timeout = timeout("migration_timeout", config.migration_timeout);
  config.sandbox = text_at(repository, "sandbox") == "off" ? Sandbox::off : Sandbox::required;
  config.network = read_network(repository);
  config.commands = policy_of(text_at(repository, "commands"));
  config.command_limits = read_command_limits(repository, findings);
}

LogConfig read_logs(const Node& root, Findings& findings) {
  LogConfig logs;
  const Node* node = find(root, "logs");
  if (!node) return logs;
  logs.keep = read_duration(*node, "keep", {logs.keep, std::chrono::minutes(1)}, findings);
  logs.most = read_count(*node, "most", logs.most, 1, findings);
  return logs;
}

}  // namespace bough
