#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace bough::bench {

/// What is sent to where, how often.
struct StormPlan {
  int port = 0;
  double per_second = 5000;
  std::chrono::seconds length{10};
  std::size_t connections = 64;
  /// Whole requests, sent in turn; `@id@` in them becomes another number of four bytes each time.
  std::vector<std::string> requests;
};

/// What came of it.
struct StormCount {
  std::size_t sent = 0;
  std::map<int, std::size_t> statuses;
  std::size_t broken = 0;  ///< connections that ended before their answer
  /// From when a request was to be sent, whether or not there was a free connection, to its answer.
  std::vector<std::chrono::microseconds> latencies;
  std::chrono::duration<double> took{};
};

/// Sends requests at an even rate over kept connections to a port of this machine, one at a time on
/// each, and waits for all answers. Aborts when nobody listens there.
StormCount storm(const StormPlan& plan);

/// Answers every request on the port with 202 until it is killed; what a server of hooks must do
/// and no more: find the body, compute its HMAC-SHA256, compare.
[[noreturn]] void answer_all(int port, const std::string& secret);

}  // namespace bough::bench
