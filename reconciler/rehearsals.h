#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "reconciler/reconcile.h"
#include "reconciler/rehearse.h"

namespace bough {

/// Rehearses branches' migrations for their plans, one after the other, on a thread of its own;
/// what they come to is kept in the journal. Thread-safe.
class Rehearsals {
 public:
  /// `say` is told about a repository. Starts at once.
  using Say = std::function<void(const RepositoryName&, const std::string&)>;
  Rehearsals(Installation& installation, Say say);
  ~Rehearsals() { stop(); }
  Rehearsals(const Rehearsals&) = delete;
  Rehearsals& operator=(const Rehearsals&) = delete;

  /// Has those of the repository rehearsed that the pass shows to be due. Others of it that wait or
  /// are under way are not wanted any more, since a push or production left them behind: they end.
  void want(const RepositoryConfig& repository, const Pass& pass);

  /// Ends what is under way, for good.
  void stop();

  /// Held while a rehearsal is under way, by whoever it is for.
  const std::shared_ptr<std::timed_mutex>& turn() const { return turn_; }

 private:
  struct Order {
    RehearsalKey key;
    std::shared_ptr<const Survey> survey;
  };
  void work();
  bool cancelled(const RehearsalKey& key);
  void rehearse(const Order& order);
  void keep(const Order& order, const Result<Rehearsal>& rehearsal);

  Installation& installation_;
  const Say say_;
  const std::shared_ptr<std::timed_mutex> turn_ = std::make_shared<std::timed_mutex>();
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::deque<Order> waiting_;
  std::optional<RehearsalKey> current_;
  std::set<RehearsalKey> wanted_;          ///< of all repositories
  std::map<RehearsalKey, Instant> again_;  ///< not before, after a server did not answer
  std::jthread thread_;                    // uses what is above
};

}  // namespace bough
