#include "reconciler/previews.h"

#include <algorithm>

namespace bough {
namespace {

bool runs_out(const RepositoryConfig& config, const Approval& approval, Instant now) {
  if (approval.until) return *approval.until <= now;
  return config.ttl && approval.since + *config.ttl <= now;
}

bool lists(const std::vector<PullRequest>& pull_requests, const std::string& ref) {
  return std::any_of(pull_requests.begin(), pull_requests.end(),
                     [&](const PullRequest& one) { return one.ref == ref; });
}

void drop_secrets(std::vector<EnvEntry>& envs) {
  std::erase_if(envs, [](const EnvEntry& entry) { return entry.secret; });
}

}  // namespace

std::vector<Approval> in_force(const RepositoryConfig& config,
                               const std::vector<Approval>& approvals, Instant now) {
  std::vector<Approval> result;
  for (const Approval& one : approvals)
    if (!one.ended && !runs_out(config, one, now)) result.push_back(one);
  return result;
}

std::vector<Approval> wanted_previews(const PreviewSources& sources, Instant now) {
  std::vector<Approval> result = in_force(sources.config, sources.approvals, now);
  std::erase_if(result, [&](const Approval& one) {
    return author_of(one) == Author::stranger &&
           (sources.config.forks != Forks::approve || !lists(sources.pull_requests, one.ref));
  });
  return result;
}

std::vector<Unapproved> unapproved(const PreviewSources& sources) {
  std::vector<Unapproved> result;
  if (sources.config.forks != Forks::approve) return result;
  for (const PullRequest& one : sources.pull_requests) {
    const auto said =
        std::find_if(sources.approvals.begin(), sources.approvals.end(),
                     [&](const Approval& approval) { return approval.commit == one.head; });
    const bool asked = said != sources.approvals.end();
    if (asked ? !said->ended : one.known) continue;
    result.push_back(
        {sources.config.name, one.ref, pull_request_of(one.ref).value_or(0), one.head});
  }
  return result;
}

Author author_of(const Approval& approval) {
  return pull_request_of(approval.ref) ? Author::stranger : Author::pusher;
}

AppSpec without_secrets(AppSpec spec) {
  drop_secrets(spec.envs);
  for (ComponentSpec& component : spec.components) drop_secrets(component.envs);
  return spec;
}

}  // namespace bough
