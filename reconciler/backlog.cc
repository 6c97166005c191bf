#include "reconciler/backlog.h"

#include <algorithm>

namespace bough {
namespace {

using std::chrono::milliseconds;

constexpr int kProven = 3;     // announcements that make a webhook trusted
constexpr int kVain = 3;       // looks in vain after which webhooks no longer hurry
constexpr int kAnnounced = 5;  // how much longer the interval then is
constexpr std::chrono::hours kQuiet(24);

/// The interval, between nine tenths and eleven tenths of it.
milliseconds jittered(milliseconds interval, double chance) {
  return milliseconds(
      static_cast<long long>(static_cast<double>(interval.count()) * (0.9 + 0.2 * chance)));
}

/// Doubling from the first pause to the longest; anywhere in the upper half of it.
milliseconds pause_after(const Pace& pace, int failures, double chance) {
  milliseconds pause = pace.first_retry;
  for (int i = 1; i < failures && pause < pace.longest_retry; ++i) pause *= 2;
  pause = std::min(pause, pace.longest_retry);
  return milliseconds(
      static_cast<long long>(static_cast<double>(pause.count()) * (0.5 + 0.5 * chance)));
}

}  // namespace

Backlog::Backlog(Pace pace, const std::vector<RepositoryName>& repositories, Instant now) {
  reconfigure(pace, repositories, now);
}

void Backlog::reconfigure(Pace pace, const std::vector<RepositoryName>& repositories, Instant now) {
  pace_ = pace;
  std::map<RepositoryName, Entry> entries;
  for (const RepositoryName& repository : repositories) {
    const auto known = entries_.find(repository);
    entries[repository] = known != entries_.end() ? known->second : Entry{now, now, now, now};
  }
  entries_ = std::move(entries);
  queue_.clear();
  busy_.clear();
  for (const auto& [name, entry] : entries_)
    entry.busy ? void(busy_.insert(name)) : void(queue_.emplace(entry.due, name));
}

void Backlog::want(const RepositoryName& repository, Instant now, bool announced) {
  const auto found = entries_.find(repository);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.announced = entry.announced || announced;
  if (entry.busy) {
    entry.wanted_again = true;
    entry.hurried = entry.hurried || !announced;
  } else if (const Instant due = announced ? soonest(entry, now) : std::max(now, entry.resting);
             due < entry.due) {
    queue_.erase({entry.due, repository});
    entry.due = due;
    queue_.emplace(due, repository);
  }
}

std::optional<RepositoryName> Backlog::take(Instant now) {
  if (queue_.empty() || queue_.begin()->first > now) return std::nullopt;
  const RepositoryName repository = queue_.extract(queue_.begin()).value().second;
  busy_.insert(repository);
  Entry& entry = entries_.at(repository);
  entry.busy = true;
  entry.found = entry.hurried = false;
  entry.taken = now;
  return repository;
}

/// It is with nobody any more.
void Backlog::release(const RepositoryName& repository, Entry& entry, Instant due) {
  if (!entry.busy) queue_.erase({entry.due, repository});
  busy_.erase(repository);
  entry.busy = entry.wanted_again = false;
  entry.due = due;
  queue_.emplace(due, repository);
}

void Backlog::done(const RepositoryName& repository, bool succeeded, Instant now, double chance) {
  const auto found = entries_.find(repository);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.failures = succeeded ? 0 : entry.failures + 1;
  entry.vain = entry.found ? 0 : std::min(entry.vain + 1, kVain);
  entry.looked = now;
  const milliseconds pause = succeeded ? jittered(interval(entry, now), chance)
                                       : pause_after(pace_, entry.failures, chance);
  entry.announced = entry.announced && (entry.wanted_again || !succeeded);
  const Instant again = entry.hurried ? now : soonest(entry, now);
  release(repository, entry, entry.wanted_again ? again : now + pause);
}

void Backlog::rest(const RepositoryName& repository, Instant until) {
  const auto found = entries_.find(repository);
  if (found == entries_.end()) return;
  found->second.resting = until;
  release(repository, found->second, until);
}

void Backlog::changed(const RepositoryName& repository, Instant now) {
  const auto found = entries_.find(repository);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.announcements = entry.announced ? entry.announcements + 1 : 0;
  entry.announced = false;
  entry.changed = now;
  entry.found = true;
}

/// When a webhook may have it looked at.
Instant Backlog::soonest(const Entry& entry, Instant now) const {
  const Instant due = entry.vain >= kVain ? entry.looked + pace_.vain : now;
  return std::max({now, due, entry.resting});
}

milliseconds Backlog::interval(const Entry& entry, Instant now) const {
  milliseconds interval = pace_.poll;
  if (entry.announcements >= kProven) interval *= kAnnounced;
  if (now - entry.changed > kQuiet) interval *= 2;
  if (now - entry.changed > 7 * kQuiet) interval *= 2;
  return std::min(interval, std::max(pace_.poll, pace_.longest_poll));
}

std::optional<Instant> Backlog::due(const RepositoryName& repository) const {
  const auto found = entries_.find(repository);
  if (found == entries_.end() || found->second.busy) return std::nullopt;
  return found->second.due;
}

std::optional<Instant> Backlog::next() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first;
}

std::vector<RepositoryName> Backlog::overdue(Instant now) const {
  std::vector<RepositoryName> names;
  for (const RepositoryName& name : busy_)
    if (now - entries_.at(name).taken >= pace_.poll) names.push_back(name);
  return names;
}

void Backlog::peeked(const RepositoryName& repository, Instant now) {
  if (const auto found = entries_.find(repository); found != entries_.end())
    found->second.taken = now;
}

}  // namespace bough
