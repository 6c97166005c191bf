#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "spec/desired.h"
#include "spec/observed.h"
#include "spec/time.h"

/// What the journal keeps, as it is asked for and given.
namespace bough {

/// A build or migration as the journal keeps it.
struct RunRecord {
  long long id = 0;
  RunKey key;
  RunKind kind = RunKind::migration;
  std::string command;
  RunState state = RunState::running;
  int exit_code = 0;
  std::string note;
  std::string log_file;
  Instant started_at;
  std::optional<Instant> ended_at;
};

/// Something that happened, for people. `repository` and `address` may be empty.
struct Event {
  long long id = 0;
  Instant at;
  std::string repository;
  std::string address;
  std::string kind;  ///< `step-done`, `step-failed`, `run-started`, `run-succeeded`, …
  std::string message;
};

/// A dump as the journal keeps it.
struct DumpNote {
  std::string id;
  Place place;
  DatabaseName name;
  InstanceName instance;
  int version = 0;
  std::string commit;  ///< that the database was migrated to; empty: none
  long long bytes = 0;
  std::string checksum;
  std::string file;
  std::string note;  ///< why there is none; empty: it was made and proved
  Instant at;
};

using DatabaseKey = std::pair<InstanceName, DatabaseName>;

/// What to look for; empty fields match everything.
struct EventFilter {
  std::set<std::string> repositories{};  ///< of any of these
  std::optional<long long> after{};      ///< an id; without it the last ones there are
  int limit = 100;
  bool settled = false;  ///< waits for writers, so that later ones have greater ids than these
};
struct RunFilter {
  std::string repository;
  std::optional<Environment> environment;
  long long id = 0;
  int limit = 50;
};

}  // namespace bough
