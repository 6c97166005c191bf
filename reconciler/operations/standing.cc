#include "reconciler/manual.h"
#include "reconciler/operations/by_command.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"

namespace bough::operations {
namespace {

using Decide = std::vector<Step> (*)(const std::vector<Ours>&);

Result<Outcome> change_standing(Context& context, const Arguments& arguments, const Emit& emit,
                                Decide decide) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  auto environments = named_environments(context, **repository, arguments);
  if (!environments) return environments.error();
  if (auto may = permit_production(context, *environments, "production's login"); !may)
    return may.error();
  auto turn = turn_for(context, **repository);
  if (!turn) return turn.error();
  Pass pass = look_at_servers(context, emit);
  const auto databases = ours(pass.observed, (*repository)->name, *environments);
  if (databases.empty()) return Error{Fault::missing, "there is no such database"};
  return carry_out_steps(context, pass, decide(databases), emit);
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

Result<Outcome> rotate(Context& context, const Arguments& arguments, const Emit& emit) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  auto environments = environments_of(*context.installation, **repository, arguments.all("branch"));
  if (environments.empty()) environments.insert(Production{});
  if (auto may = permit_production(context, environments, "production's password"); !may)
    return may.error();
  auto turn = turn_for(context, **repository);
  if (!turn) return turn.error();
  Pass pass = look_at_servers(context, emit);
  auto databases = ours(pass.observed, (*repository)->name, environments);
  const std::string& component = arguments.text("component");
  std::erase_if(databases, [&](const Ours& one) {
    return !component.empty() && one.at.place.component.text() != component;
  });
  if (databases.empty()) return Error{Fault::missing, "there is no such database"};
  return carry_out_steps(context, pass, rotation(databases), emit);
}

Result<Outcome> destroy(Context& context, const Arguments& arguments, const Emit& emit) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  const auto environments =
      environments_of(*context.installation, **repository, arguments.all("branch"));
  auto turn = turn_for(context, **repository);
  if (!turn) return turn.error();
  Pass pass = look_at_servers(context, emit);
  const RepositoryName& name = (*repository)->name;
  auto databases = ours(pass.observed, name, environments);
  const auto aside = set_aside(pass.observed, name, environments);
  databases.insert(databases.end(), aside.begin(), aside.end());
  auto database = typed_out(databases, arguments.text("confirm"), arguments.text("instance"));
  if (!database) return within(name.text(), database.error());
  if (is_production(database->at.place.home.environment) && !context.asker.local)
    return Error{Fault::refused,
                 "a production database is only destroyed by a command typed on "
                 "the machine of bough itself"};
  return carry_out_steps(context, pass, destruction(*database), emit);
}

}  // namespace bough::operations
