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

#include "provisioners/access.h"
#include "provisioners/dev_host.h"
#include "provisioners/stage.h"
#include "spec/bindables.h"
#include "spec/config.h"
#include "spec/dump.h"
#include "spec/observed.h"
#include "spec/plan.h"
#include "spec/run_user.h"
#include "spec/secret.h"

namespace bough {

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
