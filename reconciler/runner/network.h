#pragma once

#include <string>
#include <variant>
#include <vector>

#include "reconciler/runner/launch.h"
#include "spec/result.h"

namespace bough {

/// The machine's own network.
struct SharedNetwork {
  bool operator==(const SharedNetwork&) const = default;
};

/// A server by the name and port that the command is told.
struct ServerAddress {
  std::string host;  ///< a name, an IP address, or the folder of a Unix socket
  int port = 0;
  auto operator<=>(const ServerAddress&) const = default;
};

/// Nothing but these servers; everything else is unreachable.
struct OnlyServers {
  std::vector<ServerAddress> servers;
  bool operator==(const OnlyServers&) const = default;
};

/// What a command in the sandbox reaches.
using Network = std::variant<OnlyServers, SharedNetwork>;

namespace runner {

/// How a private network leads to its servers.
struct Route {
  PrivateNetwork network;
  std::string hosts;                 ///< for /etc/hosts inside
  std::vector<std::string> sockets;  ///< Unix sockets to show inside
};

/// The way to these servers, their names looked up now. Fault::unavailable for a name that is not
/// known, Fault::invalid for a port that cannot be.
Result<Route> route_to(const std::vector<ServerAddress>& servers);

}  // namespace runner
}  // namespace bough
