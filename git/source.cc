#include "git/source.h"

namespace bough {

std::optional<BranchName> branch_of_reference(std::string_view name) {
  static constexpr std::string_view kHeads = "refs/heads/";
  if (!name.starts_with(kHeads)) return std::nullopt;
  auto branch = BranchName::parse(name.substr(kHeads.size()));
  if (!branch) return std::nullopt;
  return *std::move(branch);
}

Listed listed_for(const Remote& remote) {
  return remote.pull_requests ? Listed::pull_requests_too : Listed::branches;
}

void add_reference(Listing& listing, std::string_view name, const git_oid& tip, Listed which) {
  auto branch = branch_of_reference(name);
  const bool pull = !branch && which == Listed::pull_requests_too && pull_request_of(name);
  if (!branch && !pull) return;
  auto commit = Commit::parse(text_of(tip));
  if (!commit) return;
  if (branch)
    listing.branches.insert_or_assign(*std::move(branch), *std::move(commit));
  else
    listing.pull_requests.push_back({std::string(name), *std::move(commit), false});
}

}  // namespace bough
