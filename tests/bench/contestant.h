#pragma once

#include <string>

#include "tests/bench/project.h"

namespace bough::bench {

/// Somebody who makes a migrated database for every branch of a project.
class Contestant {
 public:
  Contestant(const Ground& ground, const std::string& app, Transport transport = Transport::file)
      : project_(ground, app, transport) {}
  Contestant(const Contestant&) = delete;
  Contestant& operator=(const Contestant&) = delete;
  virtual ~Contestant() = default;

  const Project& project() const { return project_; }

  /// Every branch is fetched, has its database, and is migrated. `pushed` is what is new, for those
  /// whom a webhook would tell.
  virtual void catch_up(const Branches& pushed) = 0;
  /// Finds out that there is nothing to do.
  virtual void look() = 0;

 private:
  Project project_;
};

}  // namespace bough::bench
