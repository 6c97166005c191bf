#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "reconciler/operations/doctor_parts.h"

namespace bough::operations {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

const Files kWhole{{"/proc/self/cgroup", "0::/a.slice\n"},
                   {"/sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n"},
                   {"/sys/fs/cgroup/a.slice/cgroup.controllers", "memory pids\n"},
                   {"/proc/sys/kernel/seccomp/actions_avail", "kill_process errno allow\n"},
                   {"/proc/sys/user/max_user_namespaces", "1000\n"}};

/// The whole files with some others; an empty text is no file.
Files with(Files others) {
  others.insert(kWhole.begin(), kWhole.end());
  return others;
}

struct Case {
  const char* name;
  Files files;
  std::size_t line;
  Health health;
  const char* says;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class Limits : public testing::TestWithParam<Case> {
 protected:
  Limits() {
    std::string made = (fs::temp_directory_path() / "doctor-XXXXXX").string();
    root_ = mkdtemp(made.data());
    for (const auto& [path, text] : GetParam().files) {
      if (text.empty()) continue;
      fs::create_directories(fs::path(root_ + path).parent_path());
      std::ofstream(root_ + path) << text;
    }
  }
  ~Limits() override { fs::remove_all(root_); }
  std::string root_;
};

TEST_P(Limits, AreTold) {
  const Finding found = check_limits(root_).at(GetParam().line);
  EXPECT_EQ(found.health, GetParam().health) << found.said;
  EXPECT_NE(found.said.find(GetParam().says), std::string::npos) << found.said;
}
INSTANTIATE_TEST_SUITE_P(
    Each, Limits,
    testing::Values(Case{"Cgroups", kWhole, 0, Health::good, "available and not used"},
                    Case{"NoCgroups", with({{"/sys/fs/cgroup/cgroup.controllers", ""}}), 0,
                         Health::good, "cgroup v2 is not available: memory, processes"},
                    Case{"NoControllers",
                         with({{"/sys/fs/cgroup/a.slice/cgroup.controllers", "cpu\n"}}), 0,
                         Health::good, "without its memory and pids"},
                    Case{"Seccomp", kWhole, 1, Health::good, "denied"},
                    Case{"NoSeccomp", with({{"/proc/sys/kernel/seccomp/actions_avail", ""}}), 1,
                         Health::doubtful, "CONFIG_SECCOMP_FILTER"},
                    Case{"Namespaces", kWhole, 2, Health::good, "namespaces of their own"},
                    Case{"NoNamespaces", with({{"/proc/sys/user/max_user_namespaces", "0\n"}}), 2,
                         Health::doubtful, "user.max_user_namespaces"},
                    Case{"RootsOnly", with({{"/proc/sys/kernel/unprivileged_userns_clone", "0\n"}}),
                         2, Health::doubtful, "unprivileged_userns_clone"},
                    Case{"AppArmor",
                         with({{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n"}}),
                         2, Health::doubtful, "AppArmor"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace bough::operations
