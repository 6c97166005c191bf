#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/adoption.h"
#include "reconciler/documents.h"
#include "reconciler/operations/by_command.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"

namespace bough::operations {
namespace {

/// The databases that Git asks for in the environment, by component.
Result<std::map<std::string, Wanted>> wanted_of(const Pass& pass, const RepositoryName& repository,
                                                const Environment& environment) {
  std::map<std::string, Wanted> all;
  for (const WantedHome& home : pass.survey.desired.homes)
    if (home.home.repository == repository && home.home.environment == environment)
      for (const Wanted& one : home.databases) all.emplace(one.place.component.text(), one);
  if (!all.empty()) return all;
  return Error{Fault::missing,
               fmt::format("{} asks for no database; push an app.yaml with `databases:` first",
                           title(environment))};
}

Result<Wanted> chosen(const std::map<std::string, Wanted>& all, const Arguments& arguments) {
  const std::string& component = arguments.text("component");
  if (component.empty() && all.size() == 1) return all.begin()->second;
  if (const auto found = all.find(component); found != all.end()) return found->second;
  std::string names;
  for (const auto& [name, one] : all) names += (names.empty() ? "" : ", ") + name;
  return Error{Fault::invalid, "name its entry of app.yaml with --component: " + names};
}

Result<Adoption> adoption_of(Context& context, const RepositoryConfig& repository, const Pass& pass,
                             const Arguments& arguments) {
  auto name = DatabaseName::parse(arguments.text("database"));
  if (!name) return within("database", name.error());
  Environment environment = Production{};
  if (arguments.has("branch")) {
    auto named = named_environments(context, repository, arguments);
    if (!named) return named.error();
    environment = *named->begin();
  }
  auto all = wanted_of(pass, repository.name, environment);
  if (!all) return all.error();
  auto wanted = chosen(*all, arguments);
  if (!wanted) return wanted.error();
  Adoption wish{wanted->place, wanted->instance, *std::move(name), arguments.flag("reown")};
  if (!arguments.has("instance")) return wish;
  auto instance = InstanceName::parse(arguments.text("instance"));
  if (!instance) return within("instance", instance.error());
  if (*instance == wanted->instance) return wish;
  return Error{Fault::refused,
               fmt::format("{} is to be on {}, and a database does not move by being adopted: "
                           "assign the repository to {} first",
                           address(wanted->place), wanted->instance.text(), instance->text())};
}

/// A pass whose plan is the adoption alone.
Result<Pass> planned(Context& context, const Arguments& arguments) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  const Extent extent{{*repository}, {}, std::nullopt};
  auto pass = look(*context.installation, *context.surveyor, extent);
  if (!pass) return pass;
  auto wish = adoption_of(context, **repository, *pass, arguments);
  if (!wish) return wish.error();
  auto step = adoption(*wish, pass->observed);
  if (!step) return step.error();
  pass->plan = Plan{};
  pass->plan.steps.push_back(*std::move(step));
  return pass;
}

}  // namespace

Result<Outcome> show_adoption(Context& context, const Arguments& arguments, const Emit&) {
  auto pass = planned(context, arguments);
  if (!pass) return pass.error();
  return Outcome{text_of(plan_document(pass->plan))};
}

Result<Outcome> adopt(Context& context, const Arguments& arguments, const Emit& emit) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  auto turn = turn_for(context, **repository);
  if (!turn) return turn.error();
  auto pass = planned(context, arguments);
  if (!pass) return pass.error();
  if (arguments.has("plan_id") && arguments.text("plan_id") != plan_id(pass->plan))
    return Error{Fault::stale, "the plan is no longer what was approved: look again"};
  return carry_out_steps(context, *pass, pass->plan.steps, emit);
}

}  // namespace bough::operations
