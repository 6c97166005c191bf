#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "reconciler/server/http_server.h"

namespace bough::server::testing {

/// A TCP connection to a server of this machine, as rude as a test wants it to be.
class Client {
 public:
  explicit Client(int port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// False when the other side has closed.
  bool send(std::string_view bytes);
  /// One whole answer with a length; what there is when the connection ends before.
  std::string answer();
  /// Reads until this has come; all that was read. Ends with the connection.
  std::string until(std::string_view text);
  /// Reads until the other side closes.
  std::string rest();

 private:
  bool read_more();
  int socket_ = -1;
  std::string got_;
};

/// The answer to one request on a connection of its own.
std::string ask(int port, std::string_view request);
/// The status of an answer; 0 when it is none.
int status_of(std::string_view answer);
std::string body_of(std::string_view answer);

/// A site of one function, which is given the whole body; `limit` bytes of it at most.
class TestSite : public Site {
 public:
  using Act = std::function<void(const Head&, const std::string& body, std::shared_ptr<Outlet>)>;
  explicit TestSite(Act act, std::uint64_t limit = 1 << 20) : act_(std::move(act)), limit_(limit) {}
  Beginning begin(const Head& head) override;

 private:
  Act act_;
  std::uint64_t limit_;
};

}  // namespace bough::server::testing
