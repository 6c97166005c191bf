#pragma once

#include "spec/names.h"
#include "spec/place.h"

namespace bough {

/// A database of ours on a server: the object of most steps.
struct Target {
  InstanceName instance;
  Place place;
  DatabaseName name;
  bool operator==(const Target&) const = default;
};

}  // namespace bough
