#include "reconciler/idle.h"

#include <utility>

namespace bough {
namespace {

// However quiet it is: what no sign told of is found by then.
constexpr std::chrono::hours kTrusted(1);

template <typename Seen>
void add_changed(const std::map<std::string, Seen>& from, const std::map<std::string, Seen>& other,
                 std::set<RepositoryName>& repositories) {
  for (const auto& [name, seen] : from) {
    const auto same = other.find(name);
    if (same != other.end() && same->second == seen) continue;
    if (seen.mark) repositories.insert(seen.mark->place.home.repository);
  }
}

}  // namespace

void Idle::settled(const RepositoryName& repository, std::string sum, const Desired& desired,
                   Instant now) {
  known_.insert_or_assign(repository, Known{std::move(sum), desired, now});
}

const Idle::Known* Idle::known(const RepositoryName& repository, Instant now) const {
  const auto found = known_.find(repository);
  return found != known_.end() && now - found->second.at < kTrusted ? &found->second : nullptr;
}

bool Idle::rests(const RepositoryName& repository, const std::string& sum, Instant now) const {
  const Known* before = known(repository, now);
  return before && !sum.empty() && before->sum == sum;
}

bool Idle::rests(const RepositoryName& repository, const Desired& desired, Instant now) const {
  const Known* before = known(repository, now);
  return before && before->desired == desired;
}

std::set<RepositoryName> disturbed_between(const Contents& before, const Contents& after) {
  std::set<RepositoryName> repositories;
  add_changed(before.databases, after.databases, repositories);
  add_changed(after.databases, before.databases, repositories);
  add_changed(before.roles, after.roles, repositories);
  add_changed(after.roles, before.roles, repositories);
  return repositories;
}

}  // namespace bough
