#pragma once

#include "reconciler/reconcile.h"

namespace bough {

/// Whether a look at branches counts as their use.
enum class Use { seen, asked_for };

/// Keeps in the journal what the pass saw of its branches, so that the next one can tell which were
/// pushed to, and which have another name. Writes nothing when nothing changed.
Result<void> remember_branches(Installation& installation, const Extent& extent, const Pass& pass,
                               Use use);

}  // namespace bough
