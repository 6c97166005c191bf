#pragma once

#include <string>

namespace bough::postgres {

/// Whether files of that folder can share their blocks (FICLONE); false for an empty name and where
/// that cannot be found out. Leaves nothing behind.
bool clones_files(const std::string& folder);

}  // namespace bough::postgres
