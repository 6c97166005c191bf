#include <fmt/format.h>

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
  auto turn = turn_for(context, **repository);
  if (!turn) return turn.error();
  Pass pass = look_at_servers(context, emit);
  const auto databases = ours(pass.observed, (*repository)->name, *environments);
  if (databases.empty()) return Error{Fault::missing, "there is no such database"};
  return carry_out_steps(context, pass, decide(databases), emit);
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

Result<Outcome> rotate(Context& context, const Arguments& arguments, const Emit& emit) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  auto environments = environments_of(*context.installation, **repository, arguments.all("branch"));
  if (environments.empty()) environments.insert(Production{});
  if (environments.contains(Production{}) && !context.asker.may(Scope::admin))
    return Error{Fault::denied, fmt::format("production's password needs the scope admin, which {} "
                                            "does not have",
                                            context.asker.title())};
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
  auto database = confirmed(databases, name, arguments.text("confirm"));
  if (!database) return database.error();
  if (is_production(database->at.place.home.environment) && !context.asker.local)
    return Error{Fault::refused,
                 "a production database is only destroyed by a command typed on "
                 "the machine of bough itself"};
  return carry_out_steps(context, pass, destruction(*database), emit);
}

}  // namespace bough::operations
