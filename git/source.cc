#include "git/source.h"

namespace bough {

std::optional<BranchName> branch_of_reference(std::string_view name) {
  static constexpr std::string_view kHeads = "refs/heads/";
  if (!name.starts_with(kHeads)) return std::nullopt;
  auto branch = BranchName::parse(name.substr(kHeads.size()));
  if (!branch) return std::nullopt;
  return *std::move(branch);
}

void add_reference(Listing& listing, std::string_view name, const git_oid& tip) {
  auto branch = branch_of_reference(name);
  auto commit = Commit::parse(text_of(tip));
  if (branch && commit) listing.branches.insert_or_assign(*std::move(branch), *std::move(commit));
}

}  // namespace bough
