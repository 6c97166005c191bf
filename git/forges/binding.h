#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "git/forges/delivery.h"

namespace bough::forges {

/// Whether what a payload calls a repository (`team/shop`, or a URL) can be the one with this URL.
/// True when the payload says nothing, and for remotes without a host, whose paths tell nothing.
/// Nothing is ever opened by what a payload says.
bool may_be(std::string_view said, std::string_view url);

/// What a build must be to count for a branch.
struct WantedBuild {
  std::string_view url;  ///< of the configured repository
  std::string_view name;
  std::string_view branch;
  std::string_view head;  ///< the branch's commit as it is observed now
};

/// Why a finished build does not count; nothing when it does. The one payload that is believed is
/// held against everything that is known.
std::optional<std::string> objection(const BuildFinished& build, const WantedBuild& wanted);

}  // namespace bough::forges
