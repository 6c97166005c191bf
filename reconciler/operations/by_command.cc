#include "reconciler/operations/by_command.h"

#include <fmt/format.h>

#include "reconciler/operations/choice.h"
#include "reconciler/operations/progress.h"

namespace bough::operations {

Result<Leases::Turn> turn_for(Context& context, const RepositoryConfig& repository) {
  constexpr std::chrono::milliseconds kPatience(10'000);
  return context.leases->turn({repository.name}, kPatience);
}

Pass look_at_servers(Context& context, const Emit& emit) {
  Pass pass;
  pass.observed.instances = observe_instances(*context.installation, {});
  for (const auto& [instance, seen] : pass.observed.instances)
    if (const auto* silent = std::get_if<Unreachable>(&seen))
      warn(emit, fmt::format("instance {} did not answer: {}", instance.text(), silent->reason));
  return pass;
}

Result<Outcome> carry_out_steps(Context& context, Pass& pass, std::vector<Step> steps,
                                const Emit& emit) {
  pass.plan.steps = std::move(steps);
  if (pass.plan.steps.empty()) return summary_of(pass.plan, {});
  const auto progress = progress_to(emit);
  Controls controls;
  controls.stopping = context.stopping;
  auto applied = apply_steps(*context.installation, *context.leases, pass, *progress, controls);
  if (!applied) return applied.error();
  return summary_of(pass.plan, *applied);
}

Result<std::set<Environment>> named_environments(Context& context,
                                                 const RepositoryConfig& repository,
                                                 const Arguments& arguments) {
  auto environments = environments_of(*context.installation, repository, arguments.all("branch"));
  if (!environments.empty()) return environments;
  return Error{Fault::invalid, "name the branch with --branch (or --branch production)"};
}

Result<void> permit_production(const Context& context, const std::set<Environment>& environments,
                               std::string_view what) {
  if (!environments.contains(Production{}) || context.asker.may(Scope::admin)) return {};
  return Error{Fault::denied, fmt::format("{} needs the scope admin, which {} does not have", what,
                                          context.asker.title())};
}

}  // namespace bough::operations
