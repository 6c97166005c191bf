#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reconciler/leases.h"
#include "reconciler/planner.h"
#include "reconciler/survey.h"

namespace bough {

/// What one pass is about.
struct Extent {
  std::vector<const RepositoryConfig*> repositories;
  std::set<BranchName> branches;  ///< empty: all
  std::optional<Surveyor::Local> local;
};

/// One look at the world, and what would be done about it.
struct Pass {
  Survey survey;
  Observed observed;
  Plan plan;
  std::map<InstanceName, long long> epochs;  ///< of the leases, read before the servers
  std::vector<RehearsalRecord> rehearsals{};  ///< of every branch with migrations
};

/// Asks Git, looks at the servers, plans. Changes nothing there. Fault::missing when the extent
/// names a branch that nobody knows.
Result<Pass> look(Installation& installation, Surveyor& surveyor, const Extent& extent);

/// The same for a survey that was made already.
Result<Pass> look_at_servers(Installation& installation, const Extent& extent, Survey survey);

/// Looks at the servers again and plans anew, without asking Git again.
Result<void> look_again(Installation& installation, const Extent& extent, Pass& pass);

/// The plan's steps, refusals and diagnostics for these environments only; `subjects` is how their
/// addresses begin.
Plan only(const Plan& plan, const std::set<Environment>& environments,
          const std::set<std::string>& subjects);

/// Whether one of the extent's branches is the home's, or `preview/COMMIT` names it.
bool is_meant(const Extent& extent, const WantedHome& home);

/// Identifies what a plan would do: equal for plans that do the same for the same commits.
std::string plan_id(const Plan& plan);

Instant now();

}  // namespace bough
