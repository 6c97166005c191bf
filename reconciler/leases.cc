#include "reconciler/leases.h"

#include <utility>

namespace bough {

Leases::Hold::Hold(Hold&& other) noexcept
    : leases_(std::exchange(other.leases_, nullptr)), instances_(std::move(other.instances_)) {}

Leases::Hold::~Hold() {
  if (!leases_) return;
  for (const InstanceName& instance : instances_) leases_->give_back(instance);
}

Leases::Entry& Leases::entry(const InstanceName& instance) {
  const std::lock_guard guard(mutex_);
  auto& found = entries_[instance];
  if (!found) found = std::make_unique<Entry>();
  return *found;
}

Result<void> Leases::take_one(const InstanceName& instance, std::chrono::milliseconds patience) {
  Entry& mine = entry(instance);
  const std::lock_guard guard(mine.mutex);
  if (mine.holders == 0) {
    auto server = installation_.server(instance);
    if (!server) return server.error();
    if (auto taken = (*server)->acquire_lease(patience); !taken)
      return within("instance " + instance.text(), taken.error());
    if (auto journal = installation_.journal(); journal && *journal)
      if (auto epoch = (*journal)->next_epoch(instance); !epoch) {
        (*server)->release_lease();
        return epoch.error();
      }
  }
  ++mine.holders;
  return {};
}

void Leases::give_back(const InstanceName& instance) {
  Entry& mine = entry(instance);
  const std::lock_guard guard(mine.mutex);
  if (--mine.holders > 0) return;
  if (auto server = installation_.server(instance)) (*server)->release_lease();
}

Result<Leases::Hold> Leases::take(const std::set<InstanceName>& instances,
                                  std::chrono::milliseconds patience) {
  Hold hold;
  hold.leases_ = this;
  // Everybody takes them in the same order, so nobody waits in a circle.
  for (const InstanceName& instance : instances) {
    if (auto taken = take_one(instance, patience); !taken) return taken.error();
    hold.instances_.push_back(instance);
  }
  return hold;
}

}  // namespace bough
