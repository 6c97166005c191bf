#pragma once

#include <set>
#include <vector>

#include "spec/app_spec.h"
#include "spec/config.h"
#include "spec/preview.h"

namespace bough {

/// What is known of one repository's previews: what persons said, and what the remote lists.
struct PreviewSources {
  const RepositoryConfig& config;
  const std::vector<Approval>& approvals;
  const std::vector<PullRequest>& pull_requests;
};

/// The approvals that nobody ended and that have not run out: their commits are kept in the mirror.
std::vector<Approval> in_force(const RepositoryConfig& config,
                               const std::vector<Approval>& approvals, Instant now);

/// Of these, those that get an environment: of pull requests only while the remote lists them and
/// the configuration allows forks. A push to the pull request changes nothing: the commit that was
/// approved counts.
std::vector<Approval> wanted_previews(const PreviewSources& sources, Instant now);

/// The pull requests whose latest commit nobody approved. What is on a branch has an environment
/// already and is left out.
std::vector<Unapproved> unapproved(const PreviewSources& sources);

/// Whose commit it is.
Author author_of(const Approval& approval);

/// The spec as commands of strangers see it: without variables of type SECRET.
AppSpec without_secrets(AppSpec spec);

}  // namespace bough
