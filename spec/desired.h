#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "spec/config.h"
#include "spec/diagnostic.h"
#include "spec/engine.h"
#include "spec/migration_files.h"
#include "spec/place.h"
#include "spec/preview.h"

namespace bough {

enum class RunKind { build, migration, seed, post_deploy, failed_deploy };
/// `build`, `migration`, `seed`, `post-deploy`, `failed-deploy`.
std::string_view word_of(RunKind kind);
/// Nothing for other words.
std::optional<RunKind> run_kind(std::string_view word);

/// A command that a branch or the operator wants to have run for a commit.
struct Command {
  RunKind kind = RunKind::migration;
  std::string text;        ///< for `sh -c`
  std::string source_dir;  ///< relative to the checkout; empty is its root
  std::string component;   ///< whose variables it sees; empty: app-level ones
  std::string origin;      ///< `bough.yaml`, `databases.db.migration_command`, `jobs.migrate`, …
  auto operator<=>(const Command&) const = default;
};

/// The digest of commands run in order: with the commit, what makes two runs the same run.
std::string digest(const std::vector<Command>& commands);

struct Wanted;
struct WantedHome;

/// What a database of the home is seeded with: a database that was seeded with the same is not
/// seeded again. `once`: the same for ever; `on_change`: the commands and the home's migration
/// files (without any, the commit); `always`: the commands and the commit.
std::string seed_digest(const WantedHome& home, const Wanted& wanted);

/// One database that Git asks for.
struct Wanted {
  Place place;
  Engine engine = Engine::pg;
  std::string version;  ///< wanted major version; empty = any
  InstanceName instance;
  bool any_version = false;  ///< the newest dev instance was chosen only because none was asked for
  Rank rank = Rank::first;
  Limits limits;
  std::vector<Command> migrations;  ///< in order, after the home's build
  std::vector<Command> seeds{};     ///< after the migrations
  SeedWhen seed_when = SeedWhen::once;
  std::vector<std::string> extensions{};
  std::set<TrustedSource> trusted{};
  CopyConfig copies{};              ///< what it begins with, unless it is production's
  bool operator==(const Wanted&) const = default;
};

/// What is wanted for one environment of one app.
struct WantedHome {
  Home home;
  BranchName branch;  ///< whose tip this is; of a preview, the reference that its commit came by
  Commit commit;
  std::vector<Command> builds;
  std::vector<Wanted> databases;
  std::optional<std::string>
      runs_refused;  ///< why its commands must not run (an unresolved reference)
  std::optional<std::string> wait_for{};  ///< the reported build that its commands wait for
  OnUnknown on_unknown = OnUnknown::rerun;
  MigrationFiles files{};  ///< the migration files of the commit
  Author author = Author::pusher;
  OnFailure on_failure = OnFailure::keep;
  std::vector<Command> after_deploy{};   ///< jobs, once everything before them succeeded
  std::vector<Command> after_failure{};  ///< jobs, once for each build or migration that failed
  bool operator==(const WantedHome&) const = default;
};

/// Whether the home's databases may begin with production's rows as they are: never with what a
/// stranger wrote. Definitions, and masked rows, are for all.
bool may_see_data(const WantedHome& home);

/// Why something that is asked for, or would follow, is not done.
struct Refusal {
  RepositoryName repository;
  std::optional<Place> place;
  std::string address;  ///< repo/branch/component as far as known
  std::string reason;   ///< what and how to mend it
  bool drift = false;   ///< something was changed outside of bough that is not put back by itself
  bool operator==(const Refusal&) const = default;
};

/// What becomes of a repository's branch databases that nobody wants or uses.
struct Keeping {
  std::chrono::milliseconds hold;                  ///< how long a deletion waits
  bool dump = true;                                ///< whether a dump is made before it
  std::optional<std::chrono::milliseconds> ttl{};  ///< until an unused one is held
  bool operator==(const Keeping&) const = default;
};

/// What refs and specs ask for. Silence about a repository that is not in `speaks_for` means
/// nothing; silence about a home whose branch is in `unreadable` means nothing either.
struct Desired {
  std::set<RepositoryName> speaks_for;
  std::map<RepositoryName, std::set<Environment>> unreadable;
  std::map<RepositoryName, std::set<BranchName>> watched;  ///< the branches there are; for people
  std::vector<WantedHome> homes;
  std::vector<Refusal> refused;
  std::vector<Diagnostic> diagnostics;
  std::vector<Unapproved> unapproved{};  ///< pull requests that wait for a person; newest first
  std::map<RepositoryName, Keeping> keeping{};  ///< without it no hold ends
  bool operator==(const Desired&) const = default;
};

}  // namespace bough
