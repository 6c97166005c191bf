#pragma once

#include <chrono>

namespace bough {

/// Whether commands run in a sandbox. Where there can be none, `required` lets nothing run.
enum class Sandbox { required, off };

/// Whether commands reach more than the servers of their own databases.
struct NetworkConfig {
  bool build = true;
  bool migration = false;
  bool operator==(const NetworkConfig&) const = default;
};

/// Whose commands run: also those of branches, only those of bough.yaml, or none.
enum class CommandPolicy { branch, operators, none };

/// What a command and all its processes may use together.
struct CommandLimits {
  long long memory = 2LL << 30;  ///< bytes
  int processes = 512;           ///< at a time; threads may be four times as many
  long long files = 1'000'000;   ///< files and folders of the checkout
  long long disk = 10LL << 30;   ///< bytes of the checkout
  bool operator==(const CommandLimits&) const = default;
};

/// How long the logs of runs are kept.
struct LogConfig {
  std::chrono::milliseconds keep{std::chrono::hours(24 * 30)};
  int most = 5000;  ///< files; older ones go first
  bool operator==(const LogConfig&) const = default;
};

}  // namespace bough
