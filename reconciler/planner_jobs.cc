// What follows migrations: seeds, jobs after a deployment, and jobs after one that failed.
#include <fmt/format.h>

#include <algorithm>

#include "reconciler/planner_run_parts.h"
#include "spec/made_by.h"

namespace bough::planner {
namespace {

RunKey seed_key(const WantedHome& home, const Wanted& wanted) {
  return {home.home, wanted.place.component.text(), home.commit, digest(wanted.seeds)};
}

RunKey jobs_key(const WantedHome& home) {
  return {home.home, "", home.commit, digest(home.after_deploy)};
}

/// Whether the plan makes the database, so that what ran in an earlier one of the place is nothing
/// to it.
bool made_anew(const Place& place, const Draft& draft) {
  return std::any_of(draft.plan.steps.begin(), draft.plan.steps.end(), [&](const Step& step) {
    const Target* made = made_by(step.action);
    return made && made->place == place;
  });
}

std::string why_seeded(const Wanted& wanted, std::optional<RunState> state, bool before) {
  if (state == RunState::unknown) return "its last seed was interrupted and its outcome is unknown";
  if (!before) return "the database was not seeded yet";
  return wanted.seed_when == SeedWhen::always ? "it is seeded after every migration"
                                              : "the seed or the migrations changed";
}

}  // namespace

bool seed_is_due(const WantedHome& home, const Wanted& wanted, const Sight& sight,
                 const Draft& draft) {
  if (wanted.seeds.empty()) return false;
  const auto& seeded = draft.marks.at(wanted.place).seeded;
  if (seeded == seed_digest(home, wanted)) return false;
  // The journal remembers the commits before the last one, so going back to one seeds nothing.
  return !seeded || state_of(sight, seed_key(home, wanted)) != RunState::succeeded;
}

bool plan_seed(const WantedHome& home, const Wanted& wanted, const Sight& sight, Draft& draft) {
  if (!seed_is_due(home, wanted, sight, draft)) return true;
  Mark& mark = draft.marks.at(wanted.place);
  auto state = state_of(sight, seed_key(home, wanted));
  if (under_way(state)) return false;
  if (made_anew(wanted.place, draft)) state.reset();
  if (gave_up(state)) {
    draft.refuse(wanted.place, retry_hint(home, RunKind::seed, *state));
    return false;
  }
  if (state == RunState::unknown && home.on_unknown == OnUnknown::ask) {
    draft.refuse(wanted.place, unknown_hint(home, RunKind::seed));
    return false;
  }
  const std::string seeded = seed_digest(home, wanted);
  draft.add(
      Seed{draft.targets.at(wanted.place), mark, home.branch, home.commit, wanted.seeds, seeded},
      why_seeded(wanted, state, mark.seeded.has_value()));
  mark.seeded = seeded;
  return true;
}

bool jobs_are_due(const WantedHome& home, const Sight& sight, const Draft& draft) {
  if (home.after_deploy.empty() || home.databases.empty()) return false;
  const Mark& mark = draft.marks.at(home.databases.front().place);
  const RunKey key = jobs_key(home);
  return mark.released != Migrated{home.commit, key.digest} &&
         state_of(sight, key) != RunState::succeeded;
}

void plan_jobs(const WantedHome& home, const Sight& sight, Draft& draft) {
  if (!jobs_are_due(home, sight, draft)) return;
  const auto state = state_of(sight, jobs_key(home));
  if (under_way(state)) return;
  if (gave_up(state))
    return refuse_run(home, retry_hint(home, RunKind::post_deploy, *state), draft);
  if (state == RunState::unknown && home.on_unknown == OnUnknown::ask)
    return refuse_run(home, unknown_hint(home, RunKind::post_deploy), draft);
  const Place& first = home.databases.front().place;
  draft.add(RunJobs{RunKind::post_deploy, draft.targets.at(first), draft.marks.at(first),
                    home.branch, home.commit, home.after_deploy},
            because(home, state));
}

void plan_failure_jobs(const WantedHome& home, const std::string& failed, const Sight& sight,
                       Draft& draft) {
  if (home.after_failure.empty() || home.databases.empty()) return;
  const auto state = state_of(sight, {home.home, failed, home.commit, digest(home.after_failure)});
  // Whatever it came to, it changes nothing; only what was never begun still follows.
  if (state && state != RunState::cancelled) return;
  const Place& first = home.databases.front().place;
  draft.add(RunJobs{RunKind::failed_deploy, draft.targets.at(first), draft.marks.at(first),
                    home.branch, home.commit, home.after_failure, failed},
            failed.empty()
                ? fmt::format("the build of {} failed", shortened(home.commit))
                : fmt::format("the migration of {} to {} failed", failed, shortened(home.commit)));
}

}  // namespace bough::planner
