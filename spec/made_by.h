#pragma once

#include "spec/action.h"

namespace bough {

/// The database that a step makes, so that nothing ran in it yet; else null.
const Target* made_by(const Action& action);

}  // namespace bough
