#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "spec/desired.h"
#include "spec/names.h"
#include "spec/observed.h"
#include "spec/time.h"

namespace bough {

/// Which repositories need no look at the servers: nothing was left to do at the last one, and
/// neither Git nor the servers changed since. A value: no threads, no clock.
class Idle {
 public:
  /// After a pass that left nothing to do. `sum` is of a glance before the pass, empty without one.
  void settled(const RepositoryName& repository, std::string sum, const Desired& desired,
               Instant now);
  /// Something happened there or on its servers.
  void disturbed(const RepositoryName& repository) { known_.erase(repository); }

  /// Whether a glance that gave this sum shows that nothing changed.
  bool rests(const RepositoryName& repository, const std::string& sum, Instant now) const;
  /// Whether a listing that asks for this does.
  bool rests(const RepositoryName& repository, const Desired& desired, Instant now) const;

 private:
  struct Known {
    std::string sum;
    Desired desired;
    Instant at;
  };
  const Known* known(const RepositoryName& repository, Instant now) const;
  std::map<RepositoryName, Known> known_;
};

/// The repositories whose databases or roles differ between two looks at a server.
std::set<RepositoryName> disturbed_between(const Contents& before, const Contents& after);

}  // namespace bough
