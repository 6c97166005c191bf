#include "reconciler/upkeeper.h"

#include "reconciler/filling.h"
#include "reconciler/reconcile.h"
#include "reconciler/survey.h"

namespace bough {
namespace {

constexpr std::chrono::milliseconds kSoon(200);
constexpr std::chrono::minutes kRest(5);  // after a failure

}  // namespace

Upkeeper::Upkeeper(Installation& installation, Leases& leases, Surroundings surroundings)
    : installation_(installation), leases_(leases), around_(std::move(surroundings)) {}

void Upkeeper::stop() {
  const std::lock_guard guard(mutex_);
  stopping_ = true;
  wake_.notify_all();
}

void Upkeeper::want(const RepositoryName& repository, std::vector<WantedStock> stock) {
  const std::lock_guard guard(mutex_);
  const bool nothing = stock.empty();
  wanted_[repository] = std::move(stock);
  if (nothing) wanted_.erase(repository);
  due_ = due_ || !nothing;
  if (due_) wake_.notify_all();
}

void Upkeeper::clear() {
  const std::lock_guard guard(mutex_);
  clearing_ = true;
  const std::set<RepositoryName> there = around_.repositories();
  std::erase_if(wanted_, [&](const auto& entry) { return !there.contains(entry.first); });
  due_ = true;
  wake_.notify_all();
}

bool Upkeeper::stopping() {
  const std::lock_guard guard(mutex_);
  return stopping_;
}

bool Upkeeper::failed_lately(const Step& step) {
  const std::lock_guard guard(mutex_);
  const auto found = failed_.find(describe(step.action));
  return found != failed_.end() && now() - found->second < kRest;
}

void Upkeeper::note_failure(const Step& step) {
  const std::lock_guard guard(mutex_);
  failed_.insert_or_assign(describe(step.action), now());
}

/// What is to be done by what the servers hold now.
std::vector<Step> Upkeeper::steps(bool clearing) {
  std::vector<WantedStock> wanted;
  {
    const std::lock_guard guard(mutex_);
    for (const auto& [repository, stock] : wanted_)
      wanted.insert(wanted.end(), stock.begin(), stock.end());
  }
  if (wanted.empty() && !clearing) return {};
  Observed observed;
  observed.instances = observe_instances(installation_, {});
  std::vector<Step> all = upkeep(wanted, observed, now(), Refresh::due);
  if (!clearing) return all;
  for (Step& step : clearance(around_.repositories(), observed)) all.push_back(std::move(step));
  return all;
}

/// Whether there may be more to do at once.
bool Upkeeper::keep_one() {
  bool clearing = false;
  {
    const std::lock_guard guard(mutex_);
    clearing = std::exchange(clearing_, false);
  }
  const auto put_off = [this, clearing] {
    const std::lock_guard guard(mutex_);
    clearing_ = clearing_ || clearing;
  };
  bool more = false;
  for (const Step& step : steps(clearing)) {
    if (failed_lately(step)) continue;
    if (around_.busy()) {
      put_off();
      return true;
    }
    const auto done = keep_ready(installation_, leases_, step, [this] { return stopping(); });
    // That another bough is at work is no failure of the step, which soon has its turn.
    if (!done && done.error().fault == Fault::locked) {
      put_off();
      continue;
    }
    around_.tell(step, done ? std::nullopt : std::optional(done.error()));
    if (!done) note_failure(step);
    more = true;
  }
  return more;
}

void Upkeeper::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    due_ = false;
    lock.unlock();
    const bool more = !around_.busy() && keep_one();
    const bool waits = around_.busy();
    const auto pause = more || waits ? kSoon : around_.interval();
    lock.lock();
    wake_.wait_for(lock, pause, [this] { return stopping_ || due_; });
  }
}

}  // namespace bough
