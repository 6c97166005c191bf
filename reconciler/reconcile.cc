#include "reconciler/reconcile.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/rehearsal_notes.h"

#include "spec/secret.h"

namespace bough {
namespace {

/// The environment that a branch name means in any of the repositories.
std::set<Environment> environments_of(const Pass& pass, const Extent& extent) {
  std::set<Environment> result;
  for (const BranchName& branch : extent.branches)
    result.insert(preview_at(branch.text()).value_or(Branch{branch}));
  for (const WantedHome& home : pass.survey.desired.homes)
    if (is_production(home.home.environment) && extent.branches.contains(home.branch))
      result.insert(Production{});
  return result;
}

bool held_somewhere(const Pass& pass, const BranchName& branch) {
  const Environment meant = preview_at(branch.text()).value_or(Branch{branch});
  for (const auto& [instance, seen] : pass.observed.instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases)
      if (database.mark && database.mark->place.home.environment == meant) return true;
  }
  return false;
}

std::optional<Error> unknown_branch(const Pass& pass, const Extent& extent) {
  // A repository that did not answer may well have it.
  if (pass.survey.desired.speaks_for.size() != extent.repositories.size()) return std::nullopt;
  for (const BranchName& branch : extent.branches) {
    const bool listed = std::any_of(pass.survey.tips.begin(), pass.survey.tips.end(),
                                    [&](const auto& tips) { return tips.second.contains(branch); });
    const auto& homes = pass.survey.desired.homes;
    const bool wanted = std::any_of(homes.begin(), homes.end(), [&](const WantedHome& home) {
      return home.home.environment == preview_at(branch.text());
    });
    if (!listed && !wanted && !held_somewhere(pass, branch))
      return Error{Fault::missing, "there is no branch " + printable(branch.text())};
  }
  return std::nullopt;
}

/// How the addresses of the extent's branches begin: `shop/feature/x`.
std::set<std::string> subjects_of(const Extent& extent, const std::set<Environment>& environments) {
  std::set<std::string> result;
  for (const RepositoryConfig* repository : extent.repositories) {
    const std::string start = repository->name.text() + "/";
    for (const BranchName& branch : extent.branches)
      result.insert(start + printable(branch.text()));
    if (environments.contains(Production{})) result.insert(start + "production");
  }
  return result;
}

/// `shop/feature/x` of `shop/feature/x: app.yaml` and of `shop/feature/x/db`; `shop` of `shop`.
std::string subject_of(const Diagnostic& diagnostic) {
  const std::size_t colon = diagnostic.file.find(": ");
  return diagnostic.file.substr(0, colon != std::string::npos ? colon : diagnostic.file.rfind('/'));
}

void make_plan(const Extent& extent, Pass& pass) {
  pass.survey.desired = settled(std::move(pass.survey.desired), pass.observed);
  pass.plan = plan(pass.survey.desired, pass.observed, {}, now());
  if (extent.branches.empty()) return;
  const auto environments = environments_of(pass, extent);
  pass.plan = only(pass.plan, environments, subjects_of(extent, environments));
}

std::string identity(const Action& action) {
  const auto run = run_of(action);
  return describe(action) + (run ? run->key.digest : "");
}

/// Whether one of the steps needs what this one fills.
bool serves(const Plan& plan, const Action& action) {
  const auto* fill = std::get_if<FillTemplate>(&action);
  return fill && std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
           const auto* copy = std::get_if<CopyDatabase>(&step.action);
           return copy && copy->stock == fill->kept.stock &&
                  copy->at.instance == fill->kept.instance;
         });
}

}  // namespace

Instant now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Plan only(const Plan& plan, const std::set<Environment>& environments,
          const std::set<std::string>& subjects) {
  Plan result;
  std::set<InstanceName> used;
  for (const Step& step : plan.steps) {
    const auto home = home_of(step.action);
    if (!home || !environments.contains(home->environment)) continue;
    if (auto instance = instance_of(step.action)) used.insert(*instance);
    result.steps.push_back(step);
  }
  std::vector<Step> starts;
  for (const Step& step : plan.steps)
    if (const auto* start = std::get_if<StartInstance>(&step.action))
      if (used.contains(start->instance)) starts.push_back(step);
  for (const Step& step : plan.steps)
    if (serves(result, step.action)) starts.push_back(step);
  result.steps.insert(result.steps.begin(), starts.begin(), starts.end());
  for (const Waiting& waiting : plan.waiting)
    if (environments.contains(waiting.home.environment)) result.waiting.push_back(waiting);
  for (const Refusal& refusal : plan.refused)
    if (refusal.place ? environments.contains(refusal.place->home.environment)
                      : subjects.contains(refusal.address))
      result.refused.push_back(refusal);
  for (const Diagnostic& diagnostic : plan.diagnostics) {
    const std::string subject = subject_of(diagnostic);
    // What concerns the whole repository concerns each of its branches.
    if (subject.find('/') == std::string::npos || subjects.contains(subject))
      result.diagnostics.push_back(diagnostic);
  }
  return result;
}

std::string plan_id(const Plan& plan) {
  std::string bytes;
  for (const Step& step : plan.steps) {
    const auto home = home_of(step.action);
    bytes += fmt::format("{}|{}|{}\n", home ? home->repository.text() : "",
                         home ? bytes_of(home->environment) : "", identity(step.action));
  }
  const auto sum = sha256(bytes);
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()}).substr(0, 16);
}

bool is_meant(const Extent& extent, const WantedHome& home) {
  if (!std::holds_alternative<Preview>(home.home.environment))
    return extent.branches.contains(home.branch);
  return std::any_of(extent.branches.begin(), extent.branches.end(), [&](const BranchName& one) {
    return preview_at(one.text()) == home.home.environment;
  });
}

namespace {

/// What is kept of the rehearsals of these commits.
Result<void> note_rehearsals(Journal* journal, Pass& pass) {
  std::map<RehearsalKey, RehearsalRecord> kept;
  for (const RepositoryName& repository : pass.survey.desired.speaks_for) {
    if (!journal) break;
    std::set<Commit> commits;
    for (const WantedHome& home : pass.survey.desired.homes)
      if (home.home.repository == repository) commits.insert(home.commit);
    auto known = journal->rehearsals(repository, commits);
    if (!known) return known.error();
    kept.merge(*known);
  }
  pass.rehearsals = rehearsals_of(pass.survey.desired, pass.observed, kept);
  return {};
}

/// In a plan, those of the branches that something is to be done for, or that were asked about.
void show_rehearsals(const Extent& extent, Pass& pass) {
  std::set<Home> shown;
  for (const Step& step : pass.plan.steps)
    if (const auto home = home_of(step.action)) shown.insert(*home);
  for (const Waiting& waiting : pass.plan.waiting) shown.insert(waiting.home);
  for (const RehearsalRecord& one : pass.rehearsals) {
    const auto* branch = std::get_if<Branch>(&one.key.home.environment);
    const auto config =
        std::find_if(extent.repositories.begin(), extent.repositories.end(),
                     [&](const auto* each) { return each->name == one.key.home.repository; });
    const bool kept = one.state != RehearsalState::none;
    if (!branch || config == extent.repositories.end() || (!kept && !(*config)->rehearse)) continue;
    if (shown.contains(one.key.home) || extent.branches.contains(branch->name))
      pass.plan.rehearsals.push_back(
          {one.key.home, branch->name, one.key.commit, one.state, one.report, one.at});
  }
}

}  // namespace

Result<Pass> look(Installation& installation, Surveyor& surveyor, const Extent& extent) {
  return look_at_servers(installation, extent, surveyor.survey(extent.repositories, extent.local));
}

Result<Pass> look_at_servers(Installation& installation, const Extent& extent, Survey survey) {
  Pass pass{std::move(survey), {}, {}, {}};
  if (auto looked = look_again(installation, extent, pass); !looked) return looked.error();
  if (auto unknown = unknown_branch(pass, extent)) return *unknown;
  return pass;
}

Result<void> look_again(Installation& installation, const Extent& extent, Pass& pass) {
  auto journal = installation.journal();
  if (!journal) return journal.error();
  if (*journal) {
    auto epochs = (*journal)->epochs();
    if (!epochs) return epochs.error();
    pass.epochs = *std::move(epochs);
  }
  auto observed = observe(installation, pass.survey.desired);
  if (!observed) return observed.error();
  pass.observed = *std::move(observed);
  make_plan(extent, pass);
  if (auto noted = note_rehearsals(*journal, pass); !noted) return noted;
  show_rehearsals(extent, pass);
  return {};
}

}  // namespace bough
