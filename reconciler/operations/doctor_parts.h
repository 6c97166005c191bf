#pragma once

#include <string>
#include <vector>

/// The parts of the self-check; for doctor*.cc only.
namespace bough::operations {

enum class Health { good, doubtful, bad };

struct Finding {
  Health health;
  std::string what;
  std::string said;
};

/// What keeps commands in bounds on this machine: cgroups, system calls, namespaces. The files of
/// the kernel are looked for below `root`.
std::vector<Finding> check_limits(const std::string& root = "");

}  // namespace bough::operations
