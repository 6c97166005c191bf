#include "provisioners/postgres/watch.h"

#include <sys/socket.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace bough::postgres {
namespace {

using Clock = std::chrono::steady_clock;

/// The one thread that looks after all sockets of the process.
class Guard {
 public:
  static Guard& instance() {
    static Guard guard;
    return guard;
  }

  long long add(int fd, Clock::time_point due) {
    const std::lock_guard lock(mutex_);
    entries_.emplace(++last_, Entry{fd, due});
    changed_.notify_one();
    return last_;
  }

  void remove(long long id) {
    const std::lock_guard lock(mutex_);
    entries_.erase(id);
  }

 private:
  struct Entry {
    int fd;
    Clock::time_point due;
  };

  Guard() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      const auto next = sweep(Clock::now());
      const auto woken = [&, seen = last_] { return last_ != seen; };
      if (next == Clock::time_point::max()) {
        changed_.wait(lock, stop, woken);
      } else {
        changed_.wait_until(lock, stop, next, woken);
      }
    }
  }

  /// Shuts down what is due; when the next one is.
  Clock::time_point sweep(Clock::time_point now) {
    auto next = Clock::time_point::max();
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      if (entry->second.due > now) {
        next = std::min(next, entry->second.due);
        ++entry;
        continue;
      }
      shutdown(entry->second.fd, SHUT_RDWR);
      entry = entries_.erase(entry);
    }
    return next;
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<long long, Entry> entries_;
  long long last_ = 0;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace

Watch::Watch(int fd, std::chrono::milliseconds limit)
    : id_(Guard::instance().add(fd, Clock::now() + limit)) {}
Watch::~Watch() {
  Guard::instance().remove(id_);
}

}  // namespace bough::postgres
