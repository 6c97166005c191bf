#pragma once

#include "reconciler/installation.h"
#include "spec/desired.h"
#include "spec/observed.h"

namespace bough {

/// The mark of a wanted database that is in its place; else null.
const Mark* mark_of(const Observed& observed, const Wanted& wanted);

/// Adds what migrations did so far to the databases that are to be migrated next, and who let them
/// go on nonetheless. `observed` holds what servers and journal say.
Result<void> observe_histories(Installation& installation, const Desired& desired,
                               Observed& observed);

}  // namespace bough
