#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/reconcile.h"

namespace bough::cli {

/// Exit statuses of design section 7.
enum Exit {
  kOk = 0,
  kFailed = 1,
  kChanges = 2,
  kStale = 3,
  kBlocked = 4,
  kLocked = 5,
  kUsage = 64,
};

/// What every command is given.
struct Globals {
  std::string config = "bough.yaml";
  bool json = false;
};

/// An installation with what commands do on it.
struct Session {
  std::unique_ptr<Installation> installation;
  std::unique_ptr<Surveyor> surveyor;
  std::unique_ptr<Leases> leases;
};
/// With the settings of the journal, unless only the file is wanted: reading them may start the dev
/// server that holds the journal.
enum class Settings { with_kept, of_file };
Result<Session> open_session(const Globals& globals, Settings settings = Settings::with_kept);

/// Says the error on standard error; the exit status for it.
int complain(const Error& error);

/// The named repository, or all of them; Fault::missing with the names there are.
Result<std::vector<const RepositoryConfig*>> repositories(const Installation& installation,
                                                          const std::string& name);

/// The extent of a repository argument and branch options.
Result<Extent> extent_of(const Installation& installation, const std::string& repository,
                         const std::vector<std::string>& branches);

/// The environments that branch names mean: production for `production` and for the production
/// branch, which the remote's HEAD tells when the configuration does not.
std::set<Environment> environments_of(Installation& installation,
                                      const RepositoryConfig& repository,
                                      const std::vector<std::string>& branches);

bool on_terminal(int descriptor);

/// Asks on the terminal; false for anything but yes. False at once when there is no terminal.
bool confirmed(std::string_view question);

}  // namespace bough::cli
