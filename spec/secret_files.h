#pragma once

#include <string>
#include <vector>

#include "spec/config.h"

namespace bough {

/// The files that bough.yaml names for secrets and private keys, as they are written there: no
/// command of a branch may see them.
std::vector<std::string> secret_files(const Config& config);

}  // namespace bough
