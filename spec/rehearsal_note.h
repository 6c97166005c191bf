#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spec/place.h"
#include "spec/time.h"

namespace bough {

/// How far the rehearsal of a branch's migrations is. `impossible`: it could not be tried.
enum class RehearsalState { none, running, succeeded, failed, impossible };
/// The word of the JSON documents: `not rehearsed yet`, `under way`, `succeeded`, …
std::string_view word_of(RehearsalState state);

/// What is known of the rehearsal of one branch's migrations at its latest commit.
struct RehearsalNote {
  Home home;
  BranchName branch;
  Commit commit;
  RehearsalState state = RehearsalState::none;
  std::string report{};  ///< the document of one that ended; the reason of an impossible one
  std::optional<Instant> at{};
  bool operator==(const RehearsalNote&) const = default;
};

}  // namespace bough
