#pragma once

#include <string>

#include "git/handles.h"
#include "spec/names.h"

namespace bough {

/// Writes the commit's files into `folder`, which must not exist and is removed again on failure.
/// Nothing outside it is touched whatever the names in the commit are. Submodules become empty
/// folders. Fault::invalid for entries that no honest commit has (`.git`, `..`, doubled names),
/// unavailable when the disk does not take them, broken when the repository cannot be read.
Result<void> export_commit(git_repository* repository, const Commit& commit,
                           const std::string& folder);

}  // namespace bough
