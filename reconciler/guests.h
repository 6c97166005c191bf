#pragma once

#include <condition_variable>
#include <mutex>

namespace bough {

/// Who works in a house that is going to close: nobody enters afterwards, and it waits for those
/// who are in. Thread-safe.
class Guests {
 public:
  /// False when it is closed; else leave() must follow.
  bool enter() {
    const std::lock_guard guard(mutex_);
    count_ += closed_ ? 0 : 1;
    return !closed_;
  }
  void leave() {
    const std::lock_guard guard(mutex_);
    --count_;
    left_.notify_all();
  }
  void close() {
    const std::lock_guard guard(mutex_);
    closed_ = true;
  }
  /// Returns when nobody is in.
  void wait() {
    std::unique_lock lock(mutex_);
    left_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  int count_ = 0;
  bool closed_ = false;
};

}  // namespace bough
