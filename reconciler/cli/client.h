#pragma once

#include <memory>
#include <string>

#include "reconciler/operations/operation.h"

namespace bough::cli {

using operations::Arguments;
using operations::Emit;
using operations::Outcome;

/// Where operations are carried out: in this process, or by a daemon.
class Client {
 public:
  virtual ~Client() = default;
  /// The operation's outcome; `emit` gets the lines of one that gives lines, or of one that is
  /// followed.
  virtual Result<Outcome> call(std::string_view operation, const Arguments& arguments,
                               const Emit& emit) = 0;
};

/// With the installation of this configuration file, opened by the first operation that needs it.
/// `stopping` ends what is under way.
std::unique_ptr<Client> local_client(std::string config_file, std::function<bool()> stopping);

/// How to reach a daemon.
struct Server {
  std::string url;
  Secret token;
  std::string ca_file;  ///< trusted instead of the system's authorities; empty: those
};
std::unique_ptr<Client> remote_client(Server server);

}  // namespace bough::cli
