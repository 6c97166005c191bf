#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/runner/process.h"
#include "spec/result.h"

namespace bough::runner {

/// Where a command runs: a request whose folders, variables and user were found to be good.
struct Room {
  std::string root;    ///< without links
  std::string folder;  ///< below root, without links; empty: root itself
  std::vector<std::string> sockets;
  std::optional<RunUser> user;  ///< whom to step down to
};

/// Fault::invalid for what is malformed or leaves the checkout, Fault::missing for what is not
/// there.
Result<Room> room_for(const ProcessRequest& request);

/// The whole environment of a command: what every command gets, then its own variables.
std::map<std::string, std::string> environment_of(const ProcessRequest& request, const Room& room,
                                                  const std::string& home);

}  // namespace bough::runner
