#pragma once

#include <set>
#include <string>
#include <vector>

#include "reconciler/journal/records.h"

/// What `bough history` tells, from what the journal keeps: pure.
namespace bough::operations {

/// One thing that happened in an environment: a run as it is now, a step, or what somebody did.
struct Passage {
  Instant at;
  std::string address;  ///< `repository/environment`, with the component if it is about one
  std::string kind;     ///< of a run `build`, `migration`, …; of an event its own
  std::string message;
  std::string commit{};  ///< of a run
  long long run = 0;     ///< its number; 0: it is none
};

/// The events about these environments (of all the repository when empty), without those of runs.
std::vector<Event> events_of(std::vector<Event> events, const RepositoryName& repository,
                             const std::set<Environment>& environments);

/// Runs and events as they followed one another.
std::vector<Passage> woven(const std::vector<RunRecord>& runs, const std::vector<Event>& events);

}  // namespace bough::operations
