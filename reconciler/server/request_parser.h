#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "reconciler/server/http.h"

namespace bough::server {

/// Reads one HTTP/1.x request from bytes as they arrive. Pure. Refuses what two readers could
/// understand differently: folded and repeated framing headers, lone line feeds, a length together
/// with chunks, bytes after the end.
class RequestParser {
 public:
  explicit RequestParser(std::size_t head_limit);
  ~RequestParser();

  enum class State {
    head,    ///< the head is not whole yet
    body,    ///< head() is there, the body is not whole yet
    done,    ///< all is there
    broken,  ///< see refused(); the connection is of no use any more
  };
  State feed(std::string_view bytes);
  State state() const { return state_; }
  /// Whether any byte has come.
  bool begun() const { return begun_; }

  const Head& head() const { return head_; }
  /// Whether the client waits for `100 Continue` before it sends the body.
  bool waits() const { return waits_; }
  /// From now on a longer body is refused.
  State limit_body(std::uint64_t bytes);
  /// What has arrived of the body since the last call.
  std::string take_body();
  const Response& refused() const { return refused_; }

 private:
  struct Framing;
  void read_head();
  bool check_head(std::string_view raw);
  void read_fields();
  void read_body();
  void refuse(int status, std::string_view message);

  std::size_t head_limit_;
  State state_ = State::head;
  bool begun_ = false;
  bool waits_ = false;
  std::string pending_;       ///< bytes that are not understood yet
  std::size_t searched_ = 0;  ///< of them, for the end of the head
  std::string body_;
  std::uint64_t body_limit_;
  std::uint64_t body_seen_ = 0;
  Head head_;
  Response refused_;
  std::unique_ptr<Framing> framing_;
};

}  // namespace bough::server
