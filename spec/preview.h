#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/names.h"
#include "spec/time.h"

namespace bough {

/// Who decides what runs for a home: those who may push to the repository, or anybody, since
/// anybody may open a pull request.
enum class Author { pusher, stranger };

/// A pull request as a listing of the remote shows it.
struct PullRequest {
  std::string ref;  ///< `refs/pull/7/head`
  Commit head;
  bool known = false;  ///< the mirror has the commit: it is on a branch, or was approved
  auto operator<=>(const PullRequest&) const = default;
};

/// The number of the pull request that a reference is the head of, as GitHub and Gitea
/// (`refs/pull/7/head`), GitLab (`refs/merge-requests/7/head`) and Bitbucket Data Center
/// (`refs/pull-requests/7/from`) name them; nothing for any other reference.
std::optional<long long> pull_request_of(std::string_view ref);

/// How the names of such references begin.
const std::vector<std::string_view>& pull_request_prefixes();

/// A person's word that a commit has an environment of its own.
struct Approval {
  RepositoryName repository;
  Commit commit;
  std::string ref;  ///< of its pull request, or `refs/heads/…` of a branch that has it
  std::string by;
  Instant since;
  std::optional<Instant> until{};  ///< nothing: until somebody ends it
  std::optional<Instant> ended{};
  auto operator<=>(const Approval&) const = default;
};

/// A pull request whose latest commit nobody has approved.
struct Unapproved {
  RepositoryName repository;
  std::string ref;
  long long number = 0;
  Commit commit;
  auto operator<=>(const Unapproved&) const = default;
};

}  // namespace bough
