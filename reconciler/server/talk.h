#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string_view>

#include "reconciler/server/http.h"
#include "reconciler/server/route.h"

namespace bough::server {

/// So long may a stream say nothing.
constexpr std::chrono::seconds kHeartbeat(15);

/// One line of a stream as it goes over the line; `id` may be empty.
std::string framed(Form form, std::string_view id, std::string_view document);
/// What opens a stream.
Response opening(Form form);
/// Means nothing: so that a client that is gone is noticed, and nothing between thinks that the
/// line is dead.
std::string heartbeat(Form form);

/// An answer in lines, of work that may have nothing to say for long. Thread-safe.
class Talk {
 public:
  using Clock = std::chrono::steady_clock;

  Talk(Form form, std::shared_ptr<Outlet> outlet);

  void line(std::string_view document);
  /// Sends a heartbeat when nothing was said for so long.
  void beat(Clock::time_point now);
  /// Sends the whole answer, unless some of it went already; whether it did.
  bool answer(const Response& response);
  void end();

 private:
  void write(std::string text);

  const Form form_;
  const std::shared_ptr<Outlet> outlet_;
  std::mutex mutex_;
  bool begun_ = false;
  bool ended_ = false;
  Clock::time_point said_ = Clock::now();
};

}  // namespace bough::server
