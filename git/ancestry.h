#pragma once

#include <vector>

#include "git/handles.h"
#include "spec/names.h"

namespace bough {

/// Whether one of the tips is the commit or has it in its history; not so for what the repository
/// lacks. Fault::broken when it cannot be read.
Result<bool> is_reached(git_repository* repository, const Commit& commit,
                        const std::vector<Commit>& tips);

}  // namespace bough
