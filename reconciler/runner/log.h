#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "reconciler/runner/fd.h"
#include "spec/result.h"

namespace bough::runner {

/// The file that keeps a run's lines, at most `limit` bytes with what it held before. The last line
/// of a full one says that there was more.
class Log {
 public:
  /// Without a path nothing is kept. The file is created for its owner only, and appended to.
  static Result<Log> open(const std::string& path, std::size_t limit);

  void add(std::string_view line);
  /// Writes what was added; what cannot be written, as on a full disk, shows in failure().
  void flush();
  bool full() const { return full_; }
  const std::optional<std::string>& failure() const { return failure_; }

 private:
  Log(Fd file, std::size_t room, std::string end);
  Fd file_;
  std::size_t room_;
  std::string end_;  ///< the line of a full one; there is always room for it
  std::string waiting_;
  bool full_ = false;
  std::optional<std::string> failure_;
};

}  // namespace bough::runner
