#pragma once

#include <map>
#include <set>
#include <string>

#include "reconciler/installation.h"

namespace bough {

/// Notices what others do to the servers: one cheap question for each instance, and a whole look
/// only when the answer changed. Not thread-safe.
class InstanceWatch {
 public:
  explicit InstanceWatch(Installation& installation) : installation_(installation) {}

  /// The repositories whose databases or roles changed since the last call. Of a server that is
  /// seen for the first time, all: what happened between a pass and this is not known. A server
  /// that does not answer is passed over until it does.
  std::set<RepositoryName> disturbed();

 private:
  struct Seen {
    std::string fingerprint;
    Contents contents;
  };
  void look(const InstanceName& instance, std::set<RepositoryName>& repositories);

  Installation& installation_;
  std::map<InstanceName, Seen> seen_;
};

}  // namespace bough
