#include <fmt/format.h>

#include <algorithm>

#include "reconciler/apply.h"
#include "reconciler/manual.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/operations/progress.h"
#include "reconciler/relocation.h"

namespace bough::operations {
namespace {

constexpr std::chrono::milliseconds kPatience(10'000);

/// What is to move, and where to.
struct Move {
  const RepositoryConfig* repository;
  Environment environment;
  std::optional<ComponentName> component;
  std::optional<InstanceName> to;  ///< nothing: back
  bool assigns = false;            ///< the repository is assigned to it afterwards
};

Result<Move> move_of(const Context& context, const Arguments& arguments) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  Move move{*repository, Production{}, std::nullopt, std::nullopt};
  if (arguments.has("database")) {
    auto component = ComponentName::parse(arguments.text("database"));
    if (!component) return component.error();
    move.component = *std::move(component);
  }
  if (!arguments.has("branch")) return move;
  const auto environments =
      environments_of(*context.installation, **repository, {arguments.text("branch")});
  if (!environments.empty()) move.environment = *environments.begin();
  return move;
}

/// A run that goes on would lose what it changes after the dump.
Result<void> need_rest(Context& context, const Move& move) {
  auto journal = context.installation->journal();
  if (!journal) return journal.error();
  if (!*journal) return {};
  auto runs = (*journal)->runs({move.repository->name.text(), move.environment, 0, 50});
  if (!runs) return runs.error();
  for (const RunRecord& run : *runs)
    if (run.state == RunState::running || run.state == RunState::queued)
      return Error{Fault::locked, fmt::format("a {} of {} is under way; try again when it has "
                                              "ended (bough logs {})",
                                              word_of(run.kind), title(move.environment), run.id)};
  return {};
}

/// The databases that Git asks for there.
std::vector<Wanted> wanted(const Pass& pass, const Move& move) {
  std::vector<Wanted> result;
  for (const WantedHome& home : pass.survey.desired.homes) {
    if (home.home.repository != move.repository->name) continue;
    if (home.home.environment != move.environment) continue;
    for (const Wanted& one : home.databases)
      if (!move.component || one.place.component == *move.component) result.push_back(one);
  }
  return result;
}

/// After the move Git has to ask for the database where it is then.
Result<void> need_wish(const Wanted& one, const Move& move) {
  if (one.instance == *move.to || one.any_version || move.assigns) return {};
  const std::string& to = move.to->text();
  if (to.starts_with("dev-pg"))
    return Error{Fault::refused,
                 fmt::format("{} asks for version {}; write version: \"{}\" into its app.yaml and "
                             "push, then upgrade",
                             address(one.place), one.version, to.substr(6))};
  return Error{Fault::refused,
               fmt::format("{} belongs on {}; assign the repository to {} first (bough assign, or "
                           "`instance:` in bough.yaml)",
                           address(one.place), one.instance.text(), to)};
}

/// An assignment is about all databases of the repository, and a matter of the installation.
Result<void> permit_assignment(const Context& context, const Arguments& arguments,
                               const Move& move) {
  if (auto may = permit(*find("assign"), context.asker); !may) return may;
  const std::string& name = move.repository->name.text();
  if (arguments.has("branch") || arguments.has("database"))
    return Error{Fault::refused,
                 fmt::format("{} is assigned to no instance yet, and promoting one branch or "
                             "database would assign all of it: promote production as a whole, or "
                             "bough assign {} {} first",
                             name, name, move.to->text())};
  return {};
}

/// Only what is on bough's own servers moves.
Result<void> need_own(const Installation& installation, const std::vector<Step>& steps) {
  for (const Step& step : steps)
    if (const auto* dump = std::get_if<DumpDatabase>(&step.action))
      if (!installation.dev_host_of(dump->at.instance))
        return Error{Fault::refused,
                     fmt::format("database {} is on {}, which is not bough's own server: move it "
                                 "with your own tools, then bough adopt it",
                                 dump->at.name.text(), dump->at.instance.text())};
  return {};
}

Result<std::vector<Step>> steps_for(const Context& context, const Pass& pass, const Move& move) {
  const std::vector<Wanted> databases = wanted(pass, move);
  if (databases.empty())
    return Error{Fault::missing,
                 fmt::format("{} of {} asks for no such database", title(move.environment),
                             move.repository->name.text())};
  std::vector<Step> all;
  for (const Wanted& one : databases) {
    if (move.to)
      if (auto wish = need_wish(one, move); !wish) return wish.error();
    auto steps = move.to ? steps_of({one.place, *move.to, one.limits}, pass.observed, now())
                         : steps_back(pass.observed, one.place, now());
    if (!steps) return steps.error();
    all.insert(all.end(), steps->begin(), steps->end());
  }
  if (auto own = need_own(*context.installation, all); !own) return own.error();
  return all;
}

/// Without the programs for the newer server a move would fail half way.
Result<void> need_programs(const Installation& installation, const Pass& pass, const Move& move) {
  const EngineDriver* driver = driver_for(Engine::pg);
  const auto seen = pass.observed.instances.find(*move.to);
  const auto* there =
      seen == pass.observed.instances.end() ? nullptr : std::get_if<Contents>(&seen->second);
  if (!driver || !driver->can_dump || !there) return {};
  return driver->can_dump(there->version, installation.config().server_binaries,
                          installation.workspace().user);
}

/// After a failure: what did not get away is in use again, as it was.
void give_back(Context& context, Pass& pass, const Move& move, const Emit& emit) {
  pass.observed.instances = observe_instances(*context.installation, {});
  std::vector<Step> steps;
  for (const Wanted& one : wanted(pass, move))
    for (Step& step : steps_after_failure({one.place, *move.to}, pass.observed))
      steps.push_back(std::move(step));
  if (steps.empty()) return;
  pass.plan = Plan{std::move(steps), {}, {}};
  const auto progress = progress_to(emit);
  auto applied = apply_steps(*context.installation, *context.leases, pass, *progress, Controls{});
  if (!applied) warn(emit, "giving the login back: " + applied.error().message);
}

Result<Outcome> relocate(Context& context, const Move& move, const Emit& emit) {
  auto turn = context.leases->turn({move.repository->name}, kPatience);
  if (!turn) return turn.error();
  if (auto rest = need_rest(context, move); !rest) return rest.error();
  if (move.to)
    if (auto server = context.installation->server(*move.to, Installation::Dev::create); !server)
      return server.error();
  auto pass = look(*context.installation, *context.surveyor, {{move.repository}, {}, std::nullopt});
  if (!pass) return pass.error();
  pass->observed.instances = observe_instances(*context.installation, {});
  if (move.to)
    if (auto programs = need_programs(*context.installation, *pass, move); !programs)
      return programs.error();
  auto steps = steps_for(context, *pass, move);
  if (!steps) return steps.error();
  pass->plan = Plan{*std::move(steps), {}, {}};
  if (pass->plan.steps.empty()) return summary_of(pass->plan, {});
  const auto progress = progress_to(emit);
  auto applied = apply_steps(*context.installation, *context.leases, *pass, *progress, Controls{});
  if (!applied) return applied.error();
  const Outcome outcome = summary_of(pass->plan, *applied);
  if (!applied->failed.empty() && move.to) give_back(context, *pass, move, emit);
  return outcome;
}

}  // namespace

Result<Outcome> upgrade(Context& context, const Arguments& arguments, const Emit& emit) {
  auto move = move_of(context, arguments);
  if (!move) return move.error();
  if (arguments.flag("undo")) return relocate(context, *move, emit);
  const DevHost* host = context.installation->dev_host(Engine::pg);
  if (!arguments.has("to") || !host)
    return Error{Fault::invalid, "name the version with --to, such as --to 16"};
  move->to = host->instance_for(arguments.text("to"));
  return relocate(context, *move, emit);
}

Result<Outcome> promote(Context& context, const Arguments& arguments, const Emit& emit) {
  auto move = move_of(context, arguments);
  if (!move) return move.error();
  if (arguments.flag("undo")) return relocate(context, *move, emit);
  auto to = InstanceName::parse(arguments.text("to"));
  if (!to)
    return Error{Fault::invalid, "name the linked instance with --to (bough instances lists them)"};
  if (context.installation->dev_host_of(*to))
    return Error{Fault::invalid, fmt::format("{} is bough's own server; name a linked instance, or "
                                             "use bough upgrade",
                                             to->text())};
  move->to = *std::move(to);
  move->assigns = !move->repository->instance;
  if (move->assigns)
    if (auto may = permit_assignment(context, arguments, *move); !may) return may.error();
  auto moved = relocate(context, *move, emit);
  if (!moved || moved->exit != kOk || !move->assigns) return moved;
  Arguments assignment;
  assignment.put("repository", move->repository->name.text());
  assignment.put("instance", move->to->text());
  if (auto assigned = perform(*find("assign"), context, assignment, emit); !assigned)
    return assigned.error();
  return moved;
}

}  // namespace bough::operations
