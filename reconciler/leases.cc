#include "reconciler/leases.h"

#include <algorithm>
#include <utility>

namespace bough {

Leases::Hold::Hold(Hold&& other) noexcept
    : leases_(std::exchange(other.leases_, nullptr)), epochs_(std::move(other.epochs_)) {}

Leases::Hold::~Hold() {
  if (!leases_) return;
  for (const auto& [instance, epoch] : epochs_) leases_->give_back(instance);
}

bool Leases::Hold::undisturbed_since(const std::map<InstanceName, long long>& seen) const {
  // Ours may have begun before or after that look: the same epoch, or the next.
  return std::all_of(epochs_.begin(), epochs_.end(), [&](const auto& held) {
    const auto before = seen.find(held.first);
    return before != seen.end() && held.second <= before->second + 1;
  });
}

Leases::Entry& Leases::entry(const InstanceName& instance) {
  const std::lock_guard guard(mutex_);
  auto& found = entries_[instance];
  if (!found) found = std::make_unique<Entry>();
  return *found;
}

namespace {

std::chrono::milliseconds left(std::chrono::steady_clock::time_point until) {
  const auto rest = until - std::chrono::steady_clock::now();
  return std::max(std::chrono::milliseconds(0),
                  std::chrono::duration_cast<std::chrono::milliseconds>(rest));
}

}  // namespace

Result<long long> Leases::take_one(const InstanceName& instance,
                                   std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  Entry& mine = entry(instance);
  const std::unique_lock lock(mine.mutex, until);
  if (!lock)
    return Error{Fault::locked, "instance " + instance.text() +
                                    ": this bough waits for its lease already; try again later"};
  if (mine.holders == 0) {
    auto server = installation_.server(instance);
    if (!server) return server.error();
    if (auto taken = (*server)->acquire_lease(left(until)); !taken)
      return within("instance " + instance.text(), taken.error());
    auto epoch = count_epoch(instance);
    if (!epoch) {
      (*server)->release_lease();
      return epoch;
    }
    mine.epoch = *epoch;
    mine.server = *server;
  }
  ++mine.holders;
  return mine.epoch;
}

Result<long long> Leases::count_epoch(const InstanceName& instance) {
  auto journal = installation_.journal(Installation::Dev::create);
  if (!journal) return journal.error();
  return (*journal)->next_epoch(instance);
}

void Leases::give_back(const InstanceName& instance) {
  Entry& mine = entry(instance);
  const std::lock_guard guard(mine.mutex);
  if (--mine.holders > 0) return;
  mine.server->release_lease();
}

Result<Leases::Hold> Leases::take(const std::set<InstanceName>& instances,
                                  std::chrono::milliseconds patience) {
  Hold hold;
  hold.leases_ = this;
  // Everybody takes them in the same order, so nobody waits in a circle.
  for (const InstanceName& instance : instances) {
    auto epoch = take_one(instance, patience);
    if (!epoch) return epoch.error();
    hold.epochs_.emplace(instance, *epoch);
  }
  return hold;
}

Leases::Turn::Turn(Leases& leases, std::set<RepositoryName> repositories)
    : leases_(&leases), repositories_(std::move(repositories)) {}

Leases::Turn::Turn(Turn&& other) noexcept
    : leases_(std::exchange(other.leases_, nullptr)),
      repositories_(std::move(other.repositories_)) {}

Leases::Turn::~Turn() {
  if (!leases_) return;
  {
    const std::lock_guard guard(leases_->mutex_);
    for (const RepositoryName& name : repositories_) leases_->busy_.erase(name);
  }
  leases_->turned_.notify_all();
}

Result<Leases::Turn> Leases::turn(const std::set<RepositoryName>& repositories,
                                  std::chrono::milliseconds patience) {
  const auto taken = [&] {
    return std::find_if(repositories.begin(), repositories.end(),
                        [&](const RepositoryName& name) { return busy_.contains(name); });
  };
  std::unique_lock lock(mutex_);
  if (!turned_.wait_for(lock, patience, [&] { return taken() == repositories.end(); }))
    return Error{Fault::locked, "repository " + taken()->text() +
                                    " is being worked on by this bough; try again when it is done"};
  busy_.insert(repositories.begin(), repositories.end());
  return Turn(*this, repositories);
}

}  // namespace bough
