#pragma once

#include "spec/desired.h"
#include "spec/observed.h"
#include "spec/plan.h"

namespace bough {

/// What the planner may do.
struct Policy {
  /// More than max(least, share of the repository's databases) going in one pass: all are held and
  /// wait for `bough confirm` (rule 4).
  int mass_least = 3;
  int mass_percent = 20;
};

/// The desire with every database that asks for no version where it is already: a newer PostgreSQL
/// on the machine moves nothing.
Desired settled(Desired desired, const Observed& observed);

/// What closes the gap between what Git asks for and what the servers hold. Pure. Nothing is
/// planned for what is unknown, nothing touches what bears no mark of ours, and no step drops,
/// renames or resets a production database.
Plan plan(const Desired& desired, const Observed& observed, const Policy& policy, Instant now);

/// What the world would be after the step: the meaning of a step, for tests and engines alike.
Observed after(Observed world, const Step& step);

}  // namespace bough
