#pragma once

#include <optional>
#include <string>

#include "spec/rehearsal_note.h"

namespace bough {

/// What makes two rehearsals the same: the commit and its commands, and what production was like.
struct RehearsalKey {
  Home home;
  Commit commit;
  std::string digest;      ///< of builds and migrations
  std::string production;  ///< changes when a database of production was migrated or replaced
  auto operator<=>(const RehearsalKey&) const = default;
};

/// A rehearsal as the journal keeps it.
struct RehearsalRecord {
  RehearsalKey key;
  RehearsalState state = RehearsalState::running;
  std::string report{};  ///< the document, or why it could not be tried
  std::optional<Instant> at{};
  bool operator==(const RehearsalRecord&) const = default;
};

}  // namespace bough
