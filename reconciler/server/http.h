#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "git/forges/headers.h"

namespace bough::server {

using forges::Header;
using forges::Headers;

/// The beginning of a request.
struct Head {
  std::string method;
  std::string path;   ///< as it was sent, without the query
  std::string query;  ///< without the question mark
  Headers headers;
  bool keep_alive = true;
  bool chunks = true;  ///< the client understands an answer in chunks: HTTP/1.1
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

/// A JSON answer with one member, `message`.
Response refusal(int status, std::string_view message);
/// `Not Found`.
std::string_view reason_of(int status);
/// `a=1&b=x%20y` by name; percent signs and plus signs are decoded. The first of equal names.
std::optional<std::string> query_value(std::string_view query, std::string_view name);
/// All of them, in order; nothing when one cannot be decoded.
std::optional<std::vector<std::pair<std::string, std::string>>> query_values(
    std::string_view query);
/// Percent signs decoded; nothing for a half escape.
std::optional<std::string> decoded_path(std::string_view text);

/// Where one answer goes; thread-safe. Without an answer, the client gets a 500 when the last owner
/// lets go.
class Outlet {
 public:
  virtual ~Outlet() = default;
  /// The whole answer.
  virtual void send(Response response) = 0;
  /// Begins an answer whose length is not known; `response.body` is its first part.
  virtual void open(Response response) = 0;
  /// Its next part. False when the client is gone, or does not read what it is sent.
  virtual bool write(std::string part) = 0;
  virtual void end() = 0;
};

/// One request after its head. All calls come from the server's one thread: none may block.
class Exchange {
 public:
  virtual ~Exchange() = default;
  /// How many bytes of body there may be.
  virtual std::uint64_t body_limit() const = 0;
  virtual void take(std::string_view bytes) = 0;
  /// After the whole body: answers, now or later, from any thread.
  virtual void finish(std::shared_ptr<Outlet> outlet) = 0;
};

/// What a server serves. Called from the server's one thread: must not block.
class Site {
 public:
  using Beginning = std::variant<Response, std::unique_ptr<Exchange>>;
  virtual ~Site() = default;
  virtual Beginning begin(const Head& head) = 0;
};

}  // namespace bough::server
