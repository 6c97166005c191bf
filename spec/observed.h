#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "spec/desired.h"
#include "spec/mark.h"
#include "spec/migration_files.h"
#include "spec/reported_build.h"

namespace bough {

/// One database on a server. `mark` is only a mark that is ours (decode).
struct SeenDatabase {
  std::string owner;
  bool open = true;           ///< accepts connections (datallowconn)
  bool broken = false;        ///< left by an interrupted DROP (datconnlimit = -2)
  bool public_access = true;  ///< PUBLIC may connect
  std::optional<Mark> mark;
  bool operator==(const SeenDatabase&) const = default;
};

/// One login role on a server.
struct SeenRole {
  bool can_login = false;
  std::optional<Mark> mark;
  bool operator==(const SeenRole&) const = default;
};

/// What a server holds, by object name.
struct Contents {
  int version = 0;  ///< major version
  std::map<std::string, SeenDatabase> databases;
  std::map<std::string, SeenRole> roles;
  bool operator==(const Contents&) const = default;
};
/// The server did not answer, or not plausibly: nothing is known about it.
struct Unreachable {
  std::string reason;
  bool operator==(const Unreachable&) const = default;
};
/// A dev instance that could be created at once.
struct NotCreated {
  int version = 0;
  bool operator==(const NotCreated&) const = default;
};
/// An instance that cannot be had; `reason` lists what there is and how to get it.
struct Unavailable {
  std::string reason;
  bool operator==(const Unavailable&) const = default;
};
using SeenInstance = std::variant<Contents, Unreachable, NotCreated, Unavailable>;

enum class RunState { queued, running, succeeded, failed, timed_out, cancelled, unknown };
std::string_view word_of(RunState state);

/// What makes a run the same run: for builds the component is empty.
struct RunKey {
  Home home;
  std::string component;
  Commit commit;
  std::string digest;
  auto operator<=>(const RunKey&) const = default;
};

/// A person's word that a commit may be migrated to although its history was rewritten.
struct Acceptance {
  Home home;
  Commit commit;
  auto operator<=>(const Acceptance&) const = default;
};

/// What servers, journal and work folder hold.
struct Observed {
  std::map<InstanceName, SeenInstance> instances;
  std::map<RunKey, RunState> runs;  ///< the latest state of each; retried failures are left out
  std::set<RunKey> checkouts;       ///< builds whose checkout is still there to run commands in
  std::vector<ReportedBuild> reports{};  ///< of the wanted commits
  std::map<Place, History> histories{};  ///< of databases that migrations were run in
  std::set<Acceptance> accepted{};
  bool operator==(const Observed&) const = default;
};

}  // namespace bough
