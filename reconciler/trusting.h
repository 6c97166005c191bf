#pragma once

#include "reconciler/apply.h"

namespace bough {

/// Lets exactly these sources connect to the database of a dev instance.
Result<void> let_in(Installation& installation, const TrustSources& trust);

/// Does so for all such steps of the plan; how many there were. Before any lease is taken: a server
/// that begins to listen for other machines starts anew, which ends all sessions.
Result<std::size_t> trust_sources(Installation& installation, const Plan& plan, Progress& progress);

}  // namespace bough
