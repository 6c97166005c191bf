#pragma once

#include <map>
#include <vector>

#include "spec/desired.h"
#include "spec/observed.h"
#include "spec/rehearsal_record.h"

namespace bough {

/// What makes the rehearsal of a branch's home the same as another.
RehearsalKey key_of(const WantedHome& home, const Observed& observed);

/// What the rehearsals of a repository's branches are or would be: one for each branch with
/// migrations, with what is kept of it, or `none`. Pure.
std::vector<RehearsalRecord> rehearsals_of(const Desired& desired, const Observed& observed,
                                           const std::map<RehearsalKey, RehearsalRecord>& kept);

/// Those that are to be tried now: not yet tried, and nothing keeps their commands from running.
std::vector<RehearsalKey> due(const std::vector<RehearsalRecord>& rehearsals,
                              const Desired& desired, const Observed& observed);

}  // namespace bough
