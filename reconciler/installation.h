#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "git/mirror.h"
#include "provisioners/provisioner.h"
#include "reconciler/journal/journal.h"
#include "reconciler/workspace.h"
#include "spec/config.h"

namespace bough {

/// Everything that one bough has open: configuration, key, servers, mirrors, journal. Made once per
/// process; thread-safe. Nothing is connected before it is asked for.
class Installation {
 public:
  static Result<std::unique_ptr<Installation>> open(const std::string& config_file);
  ~Installation();

  const Config& config() const { return config_; }
  const Workspace& workspace() const { return workspace_; }
  const Key& key() const { return key_; }
  const RepositoryConfig* repository(std::string_view name) const;

  /// The dev instances of an engine; null when it has none.
  DevHost* dev_host(Engine engine) const;
  DevHost* dev_host_of(const InstanceName& instance) const;
  std::vector<DevHost*> dev_hosts() const;

  /// The open server of an instance. A dev instance is created and started when `create`; else one
  /// that does not exist is Fault::missing.
  enum class Dev { existing, create };
  Result<Provisioner*> server(const InstanceName& instance, Dev dev = Dev::existing);

  /// What an instance looks like without changing anything; the state of the unconnected included.
  SeenInstance observe(const InstanceName& instance);

  /// All instances there are: linked ones, and dev ones that were created.
  std::vector<InstanceName> instances() const;

  /// The repository's remote with its login.
  Result<Remote> remote(const RepositoryConfig& repository) const;

  /// The mirror of a repository, for one user at a time.
  struct Borrowed {
    std::unique_lock<std::mutex> lock;
    Mirror* mirror;
  };
  Result<Borrowed> mirror(const RepositoryConfig& repository);

  /// The journal; null when it is on a dev instance that does not exist yet and `dev` is existing.
  Result<Journal*> journal(Dev dev = Dev::existing);

 private:
  Installation(Config config, Workspace workspace, Key key);
  Result<ServerAccess> access_to(const InstanceName& instance, Dev dev);
  Result<ServerAccess> journal_access(Dev dev);

  struct Slot {
    std::mutex mutex;
    std::unique_ptr<Mirror> mirror;
  };
  Config config_;
  Workspace workspace_;
  Key key_;
  std::map<Engine, std::unique_ptr<DevHost>> dev_hosts_;
  std::mutex mutex_;
  std::map<InstanceName, std::unique_ptr<std::mutex>> connecting_;
  std::map<InstanceName, std::unique_ptr<Provisioner>> servers_;
  std::map<RepositoryName, std::unique_ptr<Slot>> mirrors_;
  std::mutex journal_mutex_;
  std::unique_ptr<Journal> journal_;
};

}  // namespace bough
