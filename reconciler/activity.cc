#include "reconciler/activity.h"

namespace bough {
namespace {

bool lives_for_a_time(const Desired& desired, const RepositoryName& repository) {
  const auto keeping = desired.keeping.find(repository);
  return keeping != desired.keeping.end() && keeping->second.ttl;
}

/// The branches of which something else is known than was seen.
std::map<BranchName, Activity> news(const Extent& extent, const Pass& pass,
                                    const RepositoryName& repository, Use use) {
  const bool renews = use == Use::asked_for && lives_for_a_time(pass.survey.desired, repository);
  std::map<BranchName, Activity> result;
  const auto tips = pass.survey.tips.find(repository);
  if (tips == pass.survey.tips.end()) return result;
  for (const auto& [branch, tip] : tips->second) {
    if (!extent.branches.empty() && !extent.branches.contains(branch)) continue;
    const auto known = pass.observed.activity.find({repository, branch});
    if (renews || known == pass.observed.activity.end() || known->second.tip != tip)
      result.emplace(branch, Activity{tip, now()});
  }
  return result;
}

std::set<BranchName> gone(const Extent& extent, const Pass& pass,
                          const RepositoryName& repository) {
  std::set<BranchName> result;
  const auto tips = pass.survey.tips.find(repository);
  if (tips == pass.survey.tips.end() || !extent.branches.empty()) return result;
  for (const auto& [where, activity] : pass.observed.activity)
    if (where.first == repository && !tips->second.contains(where.second))
      result.insert(where.second);
  return result;
}

}  // namespace

Result<void> remember_branches(Installation& installation, const Extent& extent, const Pass& pass,
                               Use use) {
  auto journal = installation.journal();
  if (!journal) return journal.error();
  if (!*journal || extent.local) return {};
  for (const RepositoryName& repository : pass.survey.desired.speaks_for) {
    const auto seen = news(extent, pass, repository, use);
    const auto lost = gone(extent, pass, repository);
    if (seen.empty() && lost.empty()) continue;
    if (auto kept = (*journal)->saw(repository, seen, lost); !kept) return kept;
  }
  return {};
}

}  // namespace bough
