#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "spec/desired.h"
#include "spec/mark.h"
#include "spec/migration_files.h"
#include "spec/reported_build.h"
#include "spec/stock.h"

namespace bough {

/// One database on a server. `mark` is only a mark that is ours (decode).
struct SeenDatabase {
  std::string owner;
  bool open = true;           ///< accepts connections; if it is marked, its owner's
  bool broken = false;        ///< left by an interrupted DROP (datconnlimit = -2)
  bool public_access = true;  ///< PUBLIC may connect
  std::optional<Mark> mark;
  std::optional<Mark> strayed{};      ///< a mark of ours for another name: renamed, or copied
  std::set<std::string> guests{};     ///< other roles that were granted CONNECT
  std::set<TrustedSource> trusted{};  ///< who may connect from other machines (dev instances)
  bool operator==(const SeenDatabase&) const = default;
};

/// One login role on a server.
struct SeenRole {
  bool can_login = false;
  std::optional<Mark> mark;
  std::optional<Mark> strayed{};  ///< a mark of ours for another name: renamed, or copied
  Limits limits{};                ///< never a size
  Writes writes = Writes::allowed;
  bool elevated = false;  ///< has a privilege that no branch role may have
  std::set<std::string> member_of{};
  /// Of a marked role that cannot log in: the other databases where it owns or may do something.
  std::vector<std::string> elsewhere{};
  bool operator==(const SeenRole&) const = default;
};

/// A template or a spare of ours, or what is left of one. `busy`: this process is making it.
struct SeenStock {
  StockMark mark;
  bool busy = false;
  bool operator==(const SeenStock&) const = default;
};

/// The limits as a server of that version shows them of a role that was given them.
Limits as_shown(Limits limits, Writes writes, int version);

/// What a server holds, by object name.
struct Contents {
  int version = 0;  ///< major version
  std::map<std::string, SeenDatabase> databases;
  std::map<std::string, SeenRole> roles;
  std::map<std::string, SeenStock>
      stock{};  ///< databases and roles that are in neither of the above
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

/// What a look into a database came to that is too dear for every pass.
struct Checkup {
  long long bytes = 0;
  int generation = 0;          ///< of the password that was tried
  std::optional<bool> let_in;  ///< whether it let its login in; nothing: not tried
  Instant at;
  bool operator==(const Checkup&) const = default;
};

/// The commit that a branch was last seen at, and when a push or command last concerned it.
struct Activity {
  Commit tip;
  Instant at;
  bool operator==(const Activity&) const = default;
};

/// What servers, journal and work folder hold.
struct Observed {
  std::map<InstanceName, SeenInstance> instances;
  std::map<RunKey, RunState> runs;  ///< the latest state of each; retried failures are left out
  std::set<RunKey> checkouts;       ///< builds whose checkout is still there to run commands in
  std::vector<ReportedBuild> reports{};  ///< of the wanted commits
  std::map<Place, History> histories{};  ///< of databases that migrations were run in
  std::set<Acceptance> accepted{};
  std::map<std::pair<InstanceName, DatabaseName>, Checkup> checkups{};
  std::set<Place> used{};  ///< of production: the journal knows of migrations that ran there
  std::map<InstanceName, std::string> no_dumps{};  ///< where nothing can be dumped, and why
  std::map<std::pair<RepositoryName, BranchName>, Activity> activity{};  ///< as of the last pass
  bool operator==(const Observed&) const = default;
};

}  // namespace bough
