#pragma once

#include "git/handles.h"

namespace bough {

/// Merges the mirror's small packs into one when there are more than `most`: every download leaves
/// a pack, and nothing else ever removes one. True when it did; open handles must then be renewed.
/// Nothing is lost when the process is killed in between.
Result<bool> merge_small_packs(git_repository* mirror, std::size_t most);

}  // namespace bough
