#pragma once

#include <vector>

#include "spec/observed.h"
#include "spec/plan.h"
#include "spec/result.h"

/// Moving a database to another server, by `bough upgrade` and `bough promote`: pure, over what the
/// servers hold.
namespace bough {

/// What is asked for: the place's database on that instance.
struct Relocation {
  Place place;
  InstanceName to;
  Limits limits{};
};

/// The steps that move the place's database to the instance, or those that are left of a move that
/// was interrupted: its role is made there, its login is withdrawn, it is dumped and the dump
/// proved, filled in there and compared, and put in place; what it was stays aside until a person
/// confirms. None when it is there already. Fault::missing when there is no such database,
/// Fault::refused when something stands in the way, or a person has suspended it.
Result<std::vector<Step>> steps_of(const Relocation& asked, const Observed& observed, Instant now);

/// The steps that take a move back: what it was is in use again, what it became is kept aside.
/// Fault::missing when nothing was moved.
Result<std::vector<Step>> steps_back(const Observed& observed, const Place& place, Instant now);

/// The steps after a failed move: what did not get away is in use again, and what was made for it
/// elsewhere goes. None for a database that arrived.
std::vector<Step> steps_after_failure(const Relocation& asked, const Observed& observed);

}  // namespace bough
