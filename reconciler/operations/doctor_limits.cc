#include <fmt/format.h>

#include <fstream>
#include <optional>
#include <sstream>

#include "reconciler/operations/doctor_parts.h"

namespace bough::operations {
namespace {

/// Nothing when the kernel has no such file.
std::optional<std::string> text_of(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  if (!in) return std::nullopt;
  text << in.rdbuf();
  return text.str();
}

/// The folder of our own group below /sys/fs/cgroup; nothing without cgroup v2.
std::optional<std::string> own_group(const std::string& root) {
  const auto groups = text_of(root + "/proc/self/cgroup");
  if (!groups || !text_of(root + "/sys/fs/cgroup/cgroup.controllers")) return std::nullopt;
  std::istringstream lines(*groups);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("0::")) return root + "/sys/fs/cgroup" + line.substr(3);
  return std::nullopt;
}

std::string cgroups(const std::string& root) {
  const auto group = own_group(root);
  if (!group) return "cgroup v2 is not available";
  const std::string controllers = text_of(*group + "/cgroup.controllers").value_or("");
  const bool both = controllers.find("memory") != std::string::npos &&
                    controllers.find("pids") != std::string::npos;
  return both ? "cgroup v2 is available and not used"
              : "cgroup v2 is available without its memory and pids controllers";
}

Finding check_counting(const std::string& root) {
  return {Health::good, "limits",
          fmt::format("{}: memory, processes and files of commands are counted five times a second "
                      "and ended beyond their limits, single files and threads are limited by the "
                      "kernel (rlimits)",
                      cgroups(root))};
}

Finding check_seccomp(const std::string& root) {
  const auto actions = text_of(root + "/proc/sys/kernel/seccomp/actions_avail");
  if (actions && actions->find("errno") != std::string::npos)
    return {Health::good, "seccomp", "system calls that only attacks need are denied to commands"};
  return {Health::doubtful, "seccomp",
          "the kernel has no seccomp filters (CONFIG_SECCOMP_FILTER): commands cannot run in the "
          "sandbox"};
}

Finding check_namespaces(const std::string& root) {
  const char* name = "user namespaces";
  if (text_of(root + "/proc/sys/user/max_user_namespaces").value_or("0\n") == "0\n")
    return {Health::doubtful, name, "none may be made: set the sysctl user.max_user_namespaces"};
  if (text_of(root + "/proc/sys/kernel/unprivileged_userns_clone").value_or("1\n") == "0\n")
    return {Health::doubtful, name,
            "only root may make them: set the sysctl kernel.unprivileged_userns_clone to 1"};
  if (text_of(root + "/proc/sys/kernel/apparmor_restrict_unprivileged_userns").value_or("0\n") ==
      "1\n")
    return {Health::doubtful, name,
            "AppArmor restricts them: give bwrap a profile, or set the sysctl "
            "kernel.apparmor_restrict_unprivileged_userns to 0"};
  return {Health::good, name, "commands get namespaces of their own"};
}

}  // namespace

std::vector<Finding> check_limits(const std::string& root) {
  return {check_counting(root), check_seccomp(root), check_namespaces(root)};
}

}  // namespace bough::operations
