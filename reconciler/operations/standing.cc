#include <fmt/format.h>

#include "reconciler/apply.h"
#include "reconciler/manual.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/operations/progress.h"

namespace bough::operations {
namespace {

constexpr std::chrono::milliseconds kPatience(10'000);

/// What the servers hold, without asking Git.
Pass look_at_servers(Context& context, const Emit& emit) {
  Pass pass;
  pass.observed.instances = observe_instances(*context.installation, {});
  for (const auto& [instance, seen] : pass.observed.instances)
    if (const auto* silent = std::get_if<Unreachable>(&seen))
      warn(emit, fmt::format("instance {} did not answer: {}", instance.text(), silent->reason));
  return pass;
}

Result<Outcome> carry_out(Context& context, Pass& pass, std::vector<Step> steps, const Emit& emit) {
  pass.plan.steps = std::move(steps);
  if (pass.plan.steps.empty()) return summary_of(pass.plan, {});
  const auto progress = progress_to(emit);
  auto applied = apply_steps(*context.installation, *context.leases, pass, *progress, Controls{});
  if (!applied) return applied.error();
  return summary_of(pass.plan, *applied);
}

using Decide = std::vector<Step> (*)(const std::vector<Ours>&);

Result<Outcome> change_standing(Context& context, const Arguments& arguments, const Emit& emit,
                                Decide decide) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  const auto environments =
      environments_of(*context.installation, **repository, arguments.all("branch"));
  if (environments.empty())
    return Error{Fault::invalid, "name the branch with --branch (or --branch production)"};
  auto turn = context.leases->turn({(*repository)->name}, kPatience);
  if (!turn) return turn.error();
  Pass pass = look_at_servers(context, emit);
  const auto databases = ours(pass.observed, (*repository)->name, environments);
  if (databases.empty()) return Error{Fault::missing, "there is no such database"};
  return carry_out(context, pass, decide(databases), emit);
}

/// The one that was typed out; Fault::missing with the names there are.
Result<Ours> confirmed(const std::vector<Ours>& databases, const RepositoryName& repository,
                       const std::string& name) {
  std::string names;
  for (const Ours& database : databases) {
    if (database.at.name.text() == name) return database;
    names += (names.empty() ? "" : ", ") + printable(database.at.name.text());
  }
  return Error{Fault::missing,
               fmt::format("{} has no database {}; nothing was destroyed (there are: {})",
                           repository.text(), printable(name), names.empty() ? "none" : names)};
}

}  // namespace

Result<Outcome> suspend(Context& context, const Arguments& arguments, const Emit& emit) {
  return change_standing(context, arguments, emit, [](const std::vector<Ours>& databases) {
    return suspension(databases, now());
  });
}

Result<Outcome> resume(Context& context, const Arguments& arguments, const Emit& emit) {
  return change_standing(context, arguments, emit, [](const std::vector<Ours>& databases) {
    return resumption(databases, now());
  });
}

Result<Outcome> destroy(Context& context, const Arguments& arguments, const Emit& emit) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  const auto environments =
      environments_of(*context.installation, **repository, arguments.all("branch"));
  auto turn = context.leases->turn({(*repository)->name}, kPatience);
  if (!turn) return turn.error();
  Pass pass = look_at_servers(context, emit);
  const RepositoryName& name = (*repository)->name;
  auto databases = ours(pass.observed, name, environments);
  const auto aside = set_aside(pass.observed, name, environments);
  databases.insert(databases.end(), aside.begin(), aside.end());
  auto database = confirmed(databases, name, arguments.text("confirm"));
  if (!database) return database.error();
  if (is_production(database->at.place.home.environment) && !context.asker.local)
    return Error{Fault::refused,
                 "a production database is only destroyed by a command typed on "
                 "the machine of bough itself"};
  return carry_out(context, pass, destruction(*database), emit);
}

}  // namespace bough::operations
