#pragma once

#include <memory>
#include <string>

#include "provisioners/provisioner.h"
#include "spec/result.h"

namespace bough {

/// What an engine's test program gives the conformance suite (conformance_test.cc): a real server
/// of its own, and what only the engine knows how to do there.
class Subject {
 public:
  virtual ~Subject() = default;

  virtual InstanceName instance() const = 0;

  /// A provisioner as another process would have it.
  virtual std::unique_ptr<Provisioner> connect() = 0;

  /// Logs in as a client of a branch does and asks something.
  virtual Result<void> log_in(const Endpoint& endpoint) = 0;

  /// Writes something into the database as such a client does; whether it is there.
  virtual Result<void> write(const Endpoint& endpoint) = 0;
  virtual bool wrote(const Endpoint& endpoint) = 0;

  /// Makes a database and a login of that name as a stranger would, with something inside.
  virtual void make_foreign(const std::string& name) = 0;

  /// Whether what make_foreign made is still as it was.
  virtual bool foreign_is_untouched(const std::string& name) = 0;

  /// Ends the session that holds the lease of `holder`, as a lost connection does.
  virtual void cut_lease(Provisioner& holder) = 0;
};

/// Defined by the engine's test program.
Subject& conformance_subject();

}  // namespace bough
