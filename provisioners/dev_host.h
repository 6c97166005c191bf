#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "provisioners/access.h"
#include "spec/database_config.h"
#include "spec/observed.h"
#include "spec/result.h"
#include "spec/run_user.h"
#include "spec/secret.h"

namespace bough {

/// The private servers of one engine that bough runs for development.
class DevHost {
 public:
  virtual ~DevHost() = default;

  struct Status {
    InstanceName instance;
    int version = 0;
    bool created = false;
    bool running = false;
    std::string where;  ///< host:port and socket folder, for people
  };

  /// Major versions whose server programs are installed, newest first.
  virtual std::vector<int> installed() const = 0;

  /// What a spec's version means: `dev-pg15` for "15" or "15.4", of the newest installed for "".
  /// The instance's state without touching it.
  virtual InstanceName instance_for(std::string_view version) const = 0;
  virtual bool owns(const InstanceName& instance) const = 0;

  /// Nothing when the instance exists; else NotCreated or Unavailable.
  virtual std::optional<SeenInstance> absent(const InstanceName& instance) const = 0;

  /// Creates the cluster if needed, starts its server if needed, and waits until it answers. The
  /// server outlives this process until stop(). Serialised between processes by a lock file.
  virtual Result<ServerAccess> ensure(const InstanceName& instance) = 0;

  /// Who may connect from other machines, by database.
  using Trusted = std::map<std::string, std::set<TrustedSource>>;
  virtual Trusted trusted(const InstanceName& instance) const = 0;

  /// Lets exactly these connect to that database from other machines. Restarts the server, ending
  /// its sessions, when it must begin or cease to listen for them.
  virtual Result<void> trust(const InstanceName& instance, const std::string& database,
                             const std::set<TrustedSource>& sources) = 0;

  /// Stops the server cleanly; ending sessions. Fine when it is not running.
  virtual Result<void> stop(const InstanceName& instance) = 0;
  virtual std::vector<Status> status() const = 0;
};

struct DevHostRequest {
  std::string folder;  ///< where clusters live; `user` can reach it
  const Key& key;
  std::vector<std::string> binaries;  ///< more folders to look into
  std::optional<RunUser> user;        ///< who owns and runs the servers; nothing: ourselves
};

}  // namespace bough
