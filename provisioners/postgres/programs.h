#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/run_user.h"

namespace bough::postgres {

/// The folder with `postgres` and `initdb` of one major version.
struct Programs {
  int version = 0;
  std::string folder;
  bool operator==(const Programs&) const = default;
};

/// The major version that `postgres --version` tells, as in `postgres (PostgreSQL) 15.4 (Debian…)`.
std::optional<int> version_said(std::string_view output);

/// The major version that a spec means: 15 for "15" and "15.4"; nothing for what is no version.
std::optional<int> major_version(std::string_view text);

/// Folders that may have server programs, in the order of preference: of each configured folder
/// itself, `bin` and `native/bin` (the npm packages' layout), then the places that distributions
/// use, then PATH.
std::vector<std::string> places(const std::vector<std::string>& configured);

/// The programs found there, newest first, the first place of each major version. Runs each
/// `postgres --version`, as `user` when we are root.
std::vector<Programs> find_programs(const std::vector<std::string>& configured,
                                    const std::optional<RunUser>& user);

}  // namespace bough::postgres
