#pragma once

#include <map>
#include <memory>
#include <string>

#include "git/protocol.h"

namespace bough {

/// The work of a worker process: brings mirrors up to date. Keeps mirrors and remotes open between
/// requests, as the library leaks a little with each new remote.
class Fetcher {
 public:
  Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;
  ~Fetcher();

  /// Lists the remote, downloads what is missing, and sets the mirror's references to the listing.
  /// An empty listing leaves them as they are.
  FetchReply fetch(const FetchRequest& request);

 private:
  struct Session;
  Result<Session*> session_for(const FetchRequest& request);

  std::map<std::string, std::unique_ptr<Session>> sessions_;
};

}  // namespace bough
