#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "reconciler/installation.h"

namespace bough {

/// The leases of this process, shared by its threads: an instance's lease is taken by the first who
/// needs it and given back by the last. Thread-safe.
class Leases {
 public:
  explicit Leases(Installation& installation) : installation_(installation) {}

  /// Gives its leases back when it goes.
  class Hold {
   public:
    Hold() = default;
    Hold(Hold&& other) noexcept;
    Hold& operator=(Hold&&) = delete;
    ~Hold();

    /// Whether no other bough held any of these since the epochs were `seen`.
    bool undisturbed_since(const std::map<InstanceName, long long>& seen) const;

   private:
    friend class Leases;
    Leases* leases_ = nullptr;
    std::map<InstanceName, long long> epochs_;
  };

  /// Takes the lease of every instance, waiting at most `patience` for each, however many of this
  /// process wait for it; all or none.
  Result<Hold> take(const std::set<InstanceName>& instances, std::chrono::milliseconds patience);

  /// Ends when it goes.
  class Turn {
   public:
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    friend class Leases;
    Turn(Leases& leases, std::set<RepositoryName> repositories);
    Leases* leases_;
    std::set<RepositoryName> repositories_;
  };

  /// The sole right in this process to work on these repositories' databases. Who has it looks at
  /// the world afterwards, not before. Fault::locked when others have one of them for so long.
  Result<Turn> turn(const std::set<RepositoryName>& repositories,
                    std::chrono::milliseconds patience);

 private:
  /// The epoch in which it is held.
  Result<long long> take_one(const InstanceName& instance, std::chrono::milliseconds patience);
  Result<long long> count_epoch(const InstanceName& instance);
  void give_back(const InstanceName& instance);

  struct Entry {
    std::timed_mutex mutex;
    int holders = 0;
    long long epoch = 0;
    Provisioner* server = nullptr;  ///< that holds it, whatever is configured by now
  };
  Entry& entry(const InstanceName& instance);

  Installation& installation_;
  std::mutex mutex_;
  std::map<InstanceName, std::unique_ptr<Entry>> entries_;
  std::condition_variable turned_;
  std::set<RepositoryName> busy_;  ///< repositories that somebody has a turn for
};

}  // namespace bough
