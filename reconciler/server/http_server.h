#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "reconciler/server/http.h"
#include "reconciler/server/tls.h"
#include "spec/result.h"

namespace bough::server {

/// What one client may take. Times are for whole requests, so that a byte now and then gains none.
struct Limits {
  std::size_t head_bytes = 256 * 1024;
  std::chrono::milliseconds head{10'000};     ///< from its first byte to its end
  std::chrono::milliseconds request{30'000};  ///< from its first byte to the end of the body
  std::chrono::milliseconds idle{60'000};     ///< between two requests
  std::chrono::milliseconds write{30'000};    ///< for each part of an answer
  std::size_t connections = 512;  ///< beyond these, the one that has read longest is closed
};

struct Listening {
  std::string address;          ///< `127.0.0.1:7420`; port 0 is a free one
  std::optional<TlsFiles> tls;  ///< without them it speaks plain HTTP
};

/// Serves a site with one thread of its own, however many clients there are.
class HttpServer {
 public:
  /// Listens and answers. `site` outlives the server.
  static Result<std::unique_ptr<HttpServer>> open(const Listening& listening, Site& site,
                                                  const Limits& limits);
  /// Stops listening, gives requests in hand a moment, and ends.
  ~HttpServer();

  int port() const;
  /// Reads the TLS files again, for connections from now on. When they are wrong, the old ones
  /// stay.
  Result<void> reload();
  /// Has the server's thread do this, soon. From any thread.
  void post(std::function<void()> work);
  /// Open connections.
  std::size_t connections() const;

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bough::server
