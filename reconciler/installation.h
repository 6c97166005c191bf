#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
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

  /// The configuration in force. It and all in it stay valid for the life of this object, also
  /// when another one comes into force.
  const Config& config() const { return *config_.load(); }
  const std::string& config_file() const { return config_file_; }

  /// Reads the configuration file again and puts it into force. On an error nothing changes: the
  /// text is wrong, or something in it can only change with a restart.
  Result<void> reload();

  /// Takes in the settings that are kept in the journal, if there is one already; whether they were
  /// others than before. On an error the configuration stays as it is.
  Result<bool> take_in_settings();
  /// Checks what the configuration would be with these settings; the diagnostics in words.
  Result<void> check_settings(const std::vector<Setting>& kept) const;

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

  /// The mirror of a repository, for one user at a time. Fault::locked when somebody else has it
  /// for as long as that.
  struct Borrowed {
    std::unique_lock<std::timed_mutex> lock;
    Mirror* mirror;
  };
  Result<Borrowed> mirror(const RepositoryConfig& repository,
                          std::chrono::milliseconds patience = kAnyTime);
  static constexpr std::chrono::milliseconds kAnyTime = std::chrono::hours(24);

  /// The journal; null when it is on a dev instance that does not exist yet and `dev` is existing.
  Result<Journal*> journal(Dev dev = Dev::existing);

 private:
  struct Slot {
    std::timed_mutex mutex;
    std::optional<Remote> remote;
    std::unique_ptr<Mirror> mirror;
  };
  Installation(std::string config_file, Config config, Workspace workspace, Key key);
  Result<void> put_in_place(const std::vector<Setting>& kept);
  void put_into_force(Config config);
  Slot& slot_of(const RepositoryName& repository);
  Result<ServerAccess> access_to(const InstanceName& instance, Dev dev);
  Result<ServerAccess> journal_access(Dev dev);

  const std::string config_file_;
  std::vector<Setting> settings_;  ///< that are part of the configuration in force
  std::atomic<const Config*> config_;
  std::vector<std::unique_ptr<const Config>> configs_;  ///< the last one is in force
  Workspace workspace_;
  Key key_;
  std::map<Engine, std::unique_ptr<DevHost>> dev_hosts_;
  std::mutex mutex_;
  std::map<InstanceName, std::unique_ptr<std::mutex>> connecting_;
  std::map<InstanceName, std::unique_ptr<Provisioner>> servers_;
  std::vector<std::unique_ptr<Provisioner>> retired_;  ///< of earlier configurations, still in use
  std::map<RepositoryName, std::unique_ptr<Slot>> mirrors_;
  std::mutex journal_mutex_;
  std::unique_ptr<Journal> journal_;
};

}  // namespace bough
