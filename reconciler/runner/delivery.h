#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/runner/log.h"
#include "reconciler/runner/output.h"

namespace bough::runner {

/// What of a command's output is handed on, and how much.
struct Portion {
  std::vector<std::string> secrets;  ///< masked
  std::size_t limit = 0;             ///< bytes
};

/// Hands the lines of a command to its log and to a sink: the first ones as they come and, of
/// output beyond the limit, the last ones when it has ended, with a line between them that says how
/// many bytes are left out.
class Delivery {
 public:
  using Sink = std::function<void(std::string_view line)>;
  Delivery(const Portion& portion, Log log, const Sink& sink);
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  void feed(std::string_view bytes);
  void finish();
  const std::string& last_line() const { return last_line_; }
  /// Why the log is not complete.
  const std::optional<std::string>& failure() const { return log_.failure(); }

 private:
  void deliver(std::string_view line);
  void give(std::string_view line);
  void keep_for_the_end(std::string_view line);

  Log log_;
  const Sink& sink_;
  std::size_t end_size_;  ///< bytes of the last lines
  std::size_t room_;      ///< for the first ones
  bool full_ = false;
  std::deque<std::string> end_;
  std::size_t end_used_ = 0;
  std::size_t left_out_ = 0;
  std::string last_line_;
  OutputLines lines_;
};

}  // namespace bough::runner
