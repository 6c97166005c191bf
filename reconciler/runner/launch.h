#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spec/run_user.h"

namespace bough::runner {

/// A way out of a private network: who connects to `listen` reaches the first of `servers` that
/// answers. All are numeric IP addresses.
struct Passage {
  std::string listen;
  int port = 0;
  std::vector<std::string> servers;
  bool operator==(const Passage&) const = default;
};

/// A network of the program's own, without any other way out.
struct PrivateNetwork {
  std::vector<Passage> passages;
  bool operator==(const PrivateNetwork&) const = default;
};

/// What a tree may use together; 0: as much as it likes.
struct Bounds {
  long long memory = 0;  ///< bytes
  long long processes = 0;
  long long files = 0;  ///< in the folder
  long long disk = 0;   ///< bytes of the folder
  std::string folder;
  bool operator==(const Bounds&) const = default;
};

/// A program to start in a process tree of its own, as the launcher is told.
struct Launch {
  std::vector<std::string> arguments;    ///< the program's absolute path first
  std::vector<std::string> environment;  ///< NAME=value; all that the program gets
  std::string folder;                    ///< where it starts; its user must be able to enter it
  std::optional<RunUser> user;           ///< whom it runs as; nothing: ourselves
  std::string options;  ///< bubblewrap's, read from descriptor 3; empty: it is not bubblewrap
  std::string hosts;    ///< the file that descriptor 5 holds for bubblewrap
  std::optional<PrivateNetwork> network;  ///< nothing: the network of the machine
  Bounds bounds;
  std::string home;  ///< removed in the end; empty: it has none of its own
  int parent = 0;    ///< the process whose end ends the tree
  bool operator==(const Launch&) const = default;
};

std::string to_text(const Launch& launch);
std::optional<Launch> launch_of(std::string_view text);

/// How a tree ended.
struct Exited {
  int code = 0;
  bool operator==(const Exited&) const = default;
};
struct Signalled {
  int signal = 0;
  bool operator==(const Signalled&) const = default;
};
struct Killed {  ///< the launcher was told to end it
  bool operator==(const Killed&) const = default;
};
struct Exceeded {     ///< the launcher ended it
  std::string limit;  ///< such as `2 GiB of memory`
  bool operator==(const Exceeded&) const = default;
};
struct NotStarted {
  std::string reason;
  bool operator==(const NotStarted&) const = default;
};
using Ending = std::variant<Exited, Signalled, Killed, Exceeded, NotStarted>;

std::string to_text(const Ending& ending);
/// Of several endings in a row the first, which knows best; nothing when there is none.
std::optional<Ending> ending_of(std::string_view text);

}  // namespace bough::runner
