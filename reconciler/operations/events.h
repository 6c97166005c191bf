#pragma once

#include <chrono>
#include <mutex>

#include "reconciler/journal/journal.h"

namespace bough::operations {

/// The id of the last event, asked for at most a few times a second however many want to know it.
/// Thread-safe.
class LastEvent {
 public:
  Result<long long> id(Journal& journal);

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point asked_{};
  long long id_ = 0;
};

}  // namespace bough::operations
