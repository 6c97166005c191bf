#pragma once

#include <string>
#include <vector>

#include "spec/rehearsal.h"

namespace bough {

/// Something in a migration that hurts where the database is in use, and what to do instead.
struct Advice {
  std::string code;     ///< stable: `rewrites-table`, `blocks-writes`, …
  std::string message;  ///< what, how long or how much, and the way round it
  bool operator==(const Advice&) const = default;
};

/// What to say about a migration: pure, over what was seen while it was rehearsed. The ways round
/// are those of PostgreSQL's manual (ALTER TABLE, notes; CREATE INDEX, building concurrently).
std::vector<Advice> advice_for(const Sightings& sightings);

}  // namespace bough
