#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "reconciler/apply.h"
#include "reconciler/operations/operation.h"

/// How operations do what a person asked for by name, whatever Git says.
namespace bough::operations {

/// The sole right to work on a repository, for a while; see Leases::turn.
Result<Leases::Turn> turn_for(Context& context, const RepositoryConfig& repository);

/// What the servers hold, without asking Git; those that are silent are told of.
Pass look_at_servers(Context& context, const Emit& emit);

/// Carries out just these steps; their summary.
Result<Outcome> carry_out_steps(Context& context, Pass& pass, std::vector<Step> steps,
                                const Emit& emit);

/// The environments that the parameter `branch` names; Fault::invalid without one.
Result<std::set<Environment>> named_environments(Context& context,
                                                 const RepositoryConfig& repository,
                                                 const Arguments& arguments);

/// Whether the asker may do this to production, if that is among the environments: Fault::denied
/// without the scope admin. `what` begins the sentence.
Result<void> permit_production(const Context& context, const std::set<Environment>& environments,
                               std::string_view what);

}  // namespace bough::operations
