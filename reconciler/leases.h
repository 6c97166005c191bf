#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

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

   private:
    friend class Leases;
    Leases* leases_ = nullptr;
    std::vector<InstanceName> instances_;
  };

  /// Takes the lease of every instance, each for at most `patience`; all or none.
  Result<Hold> take(const std::set<InstanceName>& instances, std::chrono::milliseconds patience);

 private:
  Result<void> take_one(const InstanceName& instance, std::chrono::milliseconds patience);
  void give_back(const InstanceName& instance);

  struct Entry {
    std::mutex mutex;
    int holders = 0;
  };
  Entry& entry(const InstanceName& instance);

  Installation& installation_;
  std::mutex mutex_;
  std::map<InstanceName, std::unique_ptr<Entry>> entries_;
};

}  // namespace bough
