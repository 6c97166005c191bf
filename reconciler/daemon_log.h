#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "reconciler/apply.h"

namespace bough {

/// What the daemon tells about itself.
class DaemonLog {
 public:
  virtual ~DaemonLog() = default;
  enum class Level { debug, info, warning, error };
  virtual void say(Level level, std::string_view repository, std::string_view message) = 0;
  /// One look at a repository, with what followed from it, is over.
  virtual void reconciled(bool /*succeeded*/, std::chrono::milliseconds /*took*/) {}
  /// For one apply of one repository.
  virtual std::unique_ptr<Progress> progress() = 0;
};

}  // namespace bough
