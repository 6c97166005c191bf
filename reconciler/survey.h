#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/desire.h"
#include "reconciler/installation.h"
#include "spec/desired.h"
#include "spec/observed.h"

namespace bough {

/// What Git asks for, with the specs that say so.
struct Survey {
  Desired desired;
  std::map<Home, AppSpec> specs;
  std::map<RepositoryName, std::map<BranchName, Commit>> tips;
  bool runs_out = false;  ///< some preview ends without a sign from anybody
};

/// Asks repositories, with one listing each, and reads the specs at their tips. Remembers what it
/// read at a commit, so a repository where nothing changed costs its listing alone. Thread-safe.
class Surveyor {
 public:
  explicit Surveyor(Installation& installation) : installation_(installation) {}

  /// A working copy whose spec stands in for its branch's tip (`plan --local`).
  struct Local {
    std::string folder;
  };
  Survey survey(const std::vector<const RepositoryConfig*>& repositories,
                const std::optional<Local>& local = std::nullopt);

 private:
  using Reading = std::variant<SpecReading, NoSpec>;
  struct Remembered {
    Reading reading;
    MigrationFiles files;
    std::vector<std::string> patterns;  ///< that chose the files
  };
  using Memory = std::map<Commit, std::shared_ptr<const Remembered>>;

  std::variant<Listed, Unlisted> ask(const RepositoryConfig& repository,
                                     const std::optional<Local>& local);
  Result<Listed> list(const RepositoryConfig& repository);
  /// What is read of one repository in one listing.
  struct Round {
    const RepositoryConfig& repository;
    const Mirror& mirror;
    Memory before;  ///< what was read at earlier ones
    Memory now;
    std::map<std::string, Reading> by_blob;
  };
  Result<std::shared_ptr<const Remembered>> recall(Round& round, const Commit& commit);
  Result<void> add_previews(Round& round, const Listing& listing,
                            const std::vector<Approval>& approvals, Listed& listed);
  Result<Remembered> remembered(const RepositoryConfig& repository, const Mirror& mirror,
                                const Commit& commit, std::map<std::string, Reading>& by_blob);
  Reading read(const RepositoryConfig& repository, const Mirror& mirror, const Commit& commit,
               std::map<std::string, Reading>& by_blob);

  Installation& installation_;
  std::mutex mutex_;
  std::map<RepositoryName, Memory> memory_;
};

/// Looks at every server that may hold something for this desire, all at once.
std::map<InstanceName, SeenInstance> observe_instances(Installation& installation,
                                                       const Desired& desired);

/// What servers, journal and work folder hold for this desire.
Result<Observed> observe(Installation& installation, const Desired& desired);

}  // namespace bough
