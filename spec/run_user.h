#pragma once

#include <string>

namespace bough {

/// The user that servers and commands run as when bough itself is root.
struct RunUser {
  std::string name;
  unsigned uid = 0;
  unsigned gid = 0;
  bool operator==(const RunUser&) const = default;
};

}  // namespace bough
