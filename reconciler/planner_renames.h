#pragma once

#include <map>

#include "reconciler/planner_parts.h"

namespace bough::planner {

/// Where the databases of renamed branches are, by the place that they can move to.
std::map<Place, InstanceName> movable(const Desired& desired, const Sight& sight);

}  // namespace bough::planner
