#include "reconciler/manual.h"

#include <fmt/format.h>

#include "reconciler/apply.h"
#include "reconciler/cli/commands.h"
#include "reconciler/cli/progress.h"

namespace bough::cli {
namespace {

/// What the servers hold for one repository, without asking Git.
Result<Pass> look_at_servers(Session& session) {
  Pass pass;
  pass.observed.instances = observe_instances(*session.installation, {});
  for (const auto& [instance, seen] : pass.observed.instances)
    if (const auto* silent = std::get_if<Unreachable>(&seen))
      fmt::print(stderr, "bough: instance {} did not answer: {}\n", instance.text(),
                 silent->reason);
  return pass;
}

struct Chosen {
  const RepositoryConfig* repository;
  std::set<Environment> environments;
};

Result<Chosen> choose(Session& session, const Target& target) {
  auto wanted = repositories(*session.installation, target.repository);
  if (!wanted) return wanted.error();
  if (wanted->size() != 1)
    return Error{Fault::invalid, "name one repository: there are several in bough.yaml"};
  return Chosen{wanted->front(),
                environments_of(*session.installation, *wanted->front(), target.branches)};
}

int carry_out(const Globals& globals, Session& session, Pass& pass, std::vector<Step> steps) {
  if (steps.empty()) {
    fmt::print("Nothing to do.\n");
    return kOk;
  }
  pass.plan.steps = std::move(steps);
  const auto progress = globals.json ? json_progress() : text_progress();
  auto applied = apply_steps(*session.installation, *session.leases, pass, *progress, {});
  if (!applied) return complain(applied.error());
  return applied->failed.empty() ? kOk : kFailed;
}

using Decide = std::vector<Step> (*)(const std::vector<Ours>&);

int change_standing(const Globals& globals, const Target& target, Decide decide) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  auto chosen = choose(*session, target);
  if (!chosen) return complain(chosen.error());
  if (chosen->environments.empty())
    return complain({Fault::invalid, "name the branch with --branch (or --branch production)"});
  auto pass = look_at_servers(*session);
  if (!pass) return complain(pass.error());
  const auto databases = ours(pass->observed, chosen->repository->name, chosen->environments);
  if (databases.empty()) return complain({Fault::missing, "there is no such database"});
  return carry_out(globals, *session, *pass, decide(databases));
}

}  // namespace

int suspend(const Globals& globals, const Target& target) {
  return change_standing(globals, target, [](const std::vector<Ours>& databases) {
    return suspension(databases, now());
  });
}

int resume(const Globals& globals, const Target& target) {
  return change_standing(globals, target, resumption);
}

int destroy(const Globals& globals, const DestroyArguments& arguments) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  auto chosen = choose(*session, arguments.target);
  if (!chosen) return complain(chosen.error());
  auto pass = look_at_servers(*session);
  if (!pass) return complain(pass.error());
  std::string names;
  auto databases = ours(pass->observed, chosen->repository->name, chosen->environments);
  const auto aside = set_aside(pass->observed, chosen->repository->name, chosen->environments);
  databases.insert(databases.end(), aside.begin(), aside.end());
  for (const Ours& database : databases) {
    if (database.at.name.text() == arguments.confirm)
      return carry_out(globals, *session, *pass, destruction(database));
    names += (names.empty() ? "" : ", ") + printable(database.at.name.text());
  }
  return complain(
      {Fault::missing, fmt::format("{} has no database {}; nothing was destroyed (there are: {})",
                                   chosen->repository->name.text(), printable(arguments.confirm),
                                   names.empty() ? "none" : names)});
}

}  // namespace bough::cli
