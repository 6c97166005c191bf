#pragma once

#include <memory>
#include <string>

#include "reconciler/daemon.h"
#include "reconciler/metrics.h"

namespace bough::server {

/// Everything that a daemon serves over HTTP.
class Service {
 public:
  /// Listens and answers until it ends. What it is given outlives it.
  static Result<std::unique_ptr<Service>> open(Installation& installation, Daemon& daemon,
                                               DaemonLog& log, Metrics& metrics);
  ~Service();

  /// `http://127.0.0.1:7420`, as it listens.
  std::string address() const;
  /// Reads the TLS files again; when they are wrong, the old ones stay.
  Result<void> reload();

 private:
  struct State;
  explicit Service(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bough::server
