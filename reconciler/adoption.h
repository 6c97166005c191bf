#pragma once

#include <string>

#include "spec/desired.h"
#include "spec/observed.h"
#include "spec/plan.h"
#include "spec/result.h"

namespace bough {

/// A database that is to come under the mark of a place.
struct Adoption {
  Place place;
  InstanceName instance;
  DatabaseName name;
  bool reown = false;  ///< what is in it is to belong to its login
};

/// The step that takes it. Fault::refused, saying whose it is, when it is not free to be taken; the
/// server's own rules come on top of that. Pure.
Result<Step> adoption(const Adoption& wish, const Observed& observed);

}  // namespace bough
