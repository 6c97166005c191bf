#pragma once

#include <vector>

#include "spec/plan.h"

namespace bough {

/// The steps of a plan that belong to homes, in lists that may be carried out beside each other,
/// each in its order. All steps of a home are in one list, and with them those of the home that one
/// of its databases moves from: they are about the same database.
std::vector<std::vector<Step>> lanes_of(const Plan& plan);

}  // namespace bough
