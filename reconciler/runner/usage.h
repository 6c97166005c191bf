#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "reconciler/runner/launch.h"

namespace bough::runner {

/// What is used up at a moment.
struct Usage {
  long long memory = 0;  ///< bytes
  long long processes = 0;
  long long files = 0;
  long long disk = 0;     ///< bytes
  bool too_deep = false;  ///< folders are nested beyond all use
};

/// Which of the limits is passed, in words that follow `it used more than`; nothing when none is.
std::optional<std::string> excess(const Usage& usage, const Bounds& bounds);

/// The memory of these processes, what they share counted once. Looks more closely, which takes
/// longer, only when a first look finds more than `enough`.
long long memory_of(const std::vector<pid_t>& processes, long long enough);

/// Adds the files in a folder, following no link and staying on its file system; stops counting
/// where the bounds are passed.
void add_files(const std::string& folder, const Bounds& bounds, Usage& usage);

/// Looks at the descendants of this process, some times a second at most, and at the folder of the
/// bounds as often as it is cheap.
class UsageWatch {
 public:
  explicit UsageWatch(const Bounds& bounds);
  /// What excess() gives; nothing when it is not yet time to look.
  std::optional<std::string> excess_now();

 private:
  std::optional<std::string> look();
  const Bounds& bounds_;
  double due_;  ///< seconds of the steady clock
  double files_due_ = 0;
};

}  // namespace bough::runner
