#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "reconciler/operations/feed.h"
#include "reconciler/server/http.h"
#include "reconciler/server/talk.h"

namespace bough::server {

/// Sends feeds to whoever follows them: one thread asks all of them, twice a second, and has talks
/// say that they are still there.
class Streams {
 public:
  Streams();
  ~Streams();
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  /// Opens the answer and sends what comes, until the feed is over or the client is gone.
  void add(std::unique_ptr<operations::Feed> feed, Form form, std::shared_ptr<Outlet> outlet);
  /// Looks after the talk while it lives.
  void attend(const std::shared_ptr<Talk>& talk);
  /// Ends those there are: who may go on has to ask again.
  void interrupt();
  /// Ends all, and each that comes from now on.
  void stop();
  std::size_t count();

 private:
  struct Stream {
    std::unique_ptr<operations::Feed> feed;
    Form form;
    std::shared_ptr<Outlet> outlet;
    std::chrono::steady_clock::time_point sent;
  };
  void run();
  void wait(std::unique_lock<std::mutex>& lock, bool idle);
  void beat_talks();
  static bool advance(Stream& stream);
  static void end_all(std::list<Stream>& streams);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool interrupted_ = false;
  std::list<Stream> fresh_;
  std::vector<std::weak_ptr<Talk>> talks_;
  std::size_t count_ = 0;
  std::thread thread_;
};

}  // namespace bough::server
