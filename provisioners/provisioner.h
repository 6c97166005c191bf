#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "provisioners/stage.h"
#include "spec/bindables.h"
#include "spec/config.h"
#include "spec/dump.h"
#include "spec/observed.h"
#include "spec/plan.h"
#include "spec/run_user.h"
#include "spec/secret.h"

namespace bough {

/// How to reach and log in to one server as its admin.
struct ServerAccess {
  InstanceName instance;
  std::string url;  ///< postgresql:// without a password, or key=value pairs
  std::optional<Secret> password;
  std::string ca_cert_file;        ///< empty: the system's
  std::string certificate_file{};  ///< the client's own; empty: none
  std::string key_file{};
  std::string data_folder{};  ///< of a server on this machine that we may look at; else empty
};

/// What copying from server to server takes.
struct CopyTools {
  std::string folder;                   ///< for files in passing; `user` can reach it
  std::vector<std::string> binaries{};  ///< more folders to look into for programs
  std::optional<RunUser> user{};        ///< who runs them; nothing: ourselves
};

/// What copying a database out of its server, or back, takes.
struct Errand {
  std::string file;                     ///< of the dump; made with mode 0600
  std::vector<std::string> binaries{};  ///< more folders with the engine's client programs
  std::optional<RunUser> user{};        ///< who runs those; nothing: ourselves
  std::function<bool()> stopping = [] { return false; };  ///< true ends it soon
};

/// One database server, spoken to by its engine. Thread-safe: calls from several threads use
/// connections of their own, at most `connections`. Nothing is sent before the first call.
class Provisioner {
 public:
  virtual ~Provisioner() = default;

  /// What the server holds; Fault::unavailable or denied when it does not say. One round trip for
  /// any number of databases.
  virtual Result<Contents> observe() = 0;

  /// A short text that changes whenever what observe() tells changes, and seldom else; much
  /// cheaper.
  virtual Result<std::string> fingerprint() = 0;

  /// Carries the step out; safe to repeat. REQUIRES a lease held by this object.
  virtual Result<void> apply(const Step& step) = 0;

  /// Carries FillTemplate out, reading production at `from`; safe to repeat. REQUIRES a lease held
  /// by this object.
  virtual Result<void> fill(const FillTemplate& fill, const Endpoint& from,
                            const CopyTools& with) = 0;

  /// Records a successful migration in the database's mark; a server that crashes may forget it
  /// until flush() returned. REQUIRES a lease.
  virtual Result<void> record(const Target& at, const Mark& mark) = 0;
  virtual Result<void> flush() = 0;

  /// Ends the sessions of a database's login, as after a killed command. REQUIRES a lease.
  virtual Result<void> end_sessions(const Target& at) = 0;

  /// Writes the held database to the file and proves it: a scratch database that is filled from
  /// the file has the same contents. Neither changes nor opens the database to anybody.
  /// REQUIRES a lease.
  virtual Result<DumpContents> dump(const DumpDatabase& dump, const Errand& to) = 0;

  /// Makes the scratch database and fills it from the file; Fault::broken when its contents are not
  /// as expected. REQUIRES a lease.
  virtual Result<void> fill(const FillDatabase& fill, const DumpContents& expected,
                            const Errand& from) = 0;

  /// Makes this process the server's one writer until release() or loss of the session;
  /// Fault::locked, naming the holder, when it is another's for longer than `patience`. Afterwards
  /// every write checks that the lease still stands and is refused with Fault::stale if not.
  virtual Result<void> acquire_lease(std::chrono::milliseconds patience) = 0;
  virtual void release_lease() = 0;

  /// What a client of that database needs.
  virtual Endpoint endpoint(const Mark& mark) const = 0;

  /// What is dear to ask of a database of ours: its size, and whether the password of the mark's
  /// generation lets its login in. Changes nothing.
  virtual Result<Checkup> check_up(const Mark& mark) = 0;

  struct Tested {
    std::string version;
    std::vector<std::string> notes;  ///< what works less well there than it could, and why
  };
  /// Says which of name, port, login, TLS, privilege is wrong.
  virtual Result<Tested> test() = 0;
};

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

/// Everything bough knows of one engine: a folder under provisioners/ defines one such function,
/// `const EngineDriver& postgres_driver()`, and CMake lists them all (engines.h).
struct EngineDriver {
  Engine engine;
  std::string_view name;
  /// The statements of a step with secrets masked, for the plan. Pure.
  std::vector<std::string> (*render)(const Step& step);
  std::unique_ptr<Provisioner> (*connect)(const ServerAccess& access, const Key& key,
                                          int connections);
  std::unique_ptr<DevHost> (*dev_host)(const DevHostRequest& request);  ///< null when it has none
  /// Whether databases of a server of that version can be dumped here; Fault::missing names what to
  /// install. Null when none can.
  Result<void> (*can_dump)(int version, const std::vector<std::string>& binaries,
                           const std::optional<RunUser>& user);
  /// A private server to rehearse on; null when it has none.
  Result<std::unique_ptr<Stage>> (*stage)(const StageRequest& request);
};

/// All drivers of this build, generated from the folders.
const std::vector<const EngineDriver*>& engine_drivers();
const EngineDriver* driver_for(Engine engine);

}  // namespace bough
