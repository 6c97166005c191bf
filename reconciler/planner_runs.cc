#include <fmt/format.h>

#include <algorithm>

#include "reconciler/planner_parts.h"

namespace bough::planner {
namespace {

std::optional<RunState> state_of(const Sight& sight, const RunKey& key) {
  const auto found = sight.observed().runs.find(key);
  if (found == sight.observed().runs.end()) return std::nullopt;
  return found->second;
}

bool gave_up(std::optional<RunState> state) {
  return state == RunState::failed || state == RunState::timed_out;
}

RunKey build_key(const WantedHome& home) {
  return {home.home, "", home.commit, digest(home.builds)};
}

RunKey migration_key(const WantedHome& home, const Wanted& wanted) {
  return {home.home, wanted.place.component.text(), home.commit, digest(wanted.migrations)};
}

bool already_migrated(const WantedHome& home, const Wanted& wanted, const Sight& sight,
                      const Draft& draft) {
  const auto& migrated = draft.marks.at(wanted.place).migrated;
  if (migrated && migrated->commit == home.commit && migrated->digest == digest(wanted.migrations))
    return true;
  // The journal remembers the commits before the last one, so going back to one runs nothing; a
  // database made in this plan is empty, whatever was run in an earlier one of that name.
  const bool exists = sight.find(wanted.instance, wanted.place).has_value();
  return exists && migrated && state_of(sight, migration_key(home, wanted)) == RunState::succeeded;
}

std::string because(const WantedHome& home, std::optional<RunState> state) {
  if (state == RunState::unknown)
    return fmt::format("its last run at {} was interrupted and its outcome is unknown",
                       shortened(home.commit));
  return fmt::format("commit {} of {} is new here", shortened(home.commit),
                     printable(home.branch.text()));
}

std::vector<const Wanted*> pending(const WantedHome& home, const Sight& sight, const Draft& draft) {
  std::vector<const Wanted*> result;
  for (const Wanted& wanted : home.databases)
    if (!wanted.migrations.empty() && !already_migrated(home, wanted, sight, draft))
      result.push_back(&wanted);
  return result;
}

void refuse_run(const WantedHome& home, std::string reason, Draft& draft) {
  const auto* branch = std::get_if<Branch>(&home.home.environment);
  draft.plan.refused.push_back(
      {home.home.repository, std::nullopt,
       fmt::format("{}/{}", home.home.repository.text(),
                   branch ? printable(branch->name.text()) : kind_of(home.home.environment)),
       std::move(reason)});
}

std::string retry_hint(const WantedHome& home, RunKind kind, RunState state) {
  return fmt::format("the {} of {} {}; see bough logs, then push a fix or use bough retry",
                     word_of(kind), shortened(home.commit),
                     state == RunState::timed_out ? "ran out of time" : "failed");
}

/// Whether the migrations may follow.
bool plan_build(const WantedHome& home, bool checkout_needed, const Sight& sight, Draft& draft) {
  if (home.builds.empty()) return true;
  const RunKey key = build_key(home);
  const auto state = state_of(sight, key);
  if (gave_up(state)) {
    refuse_run(home, retry_hint(home, RunKind::build, *state), draft);
    return false;
  }
  if (state == RunState::running) return false;
  const bool there = state == RunState::succeeded && sight.observed().checkouts.contains(key);
  if (state == RunState::succeeded && (there || !checkout_needed)) return true;
  draft.add(Build{home.home, home.branch, home.commit, home.builds},
            state == RunState::succeeded ? "its checkout is needed for the migration"
                                         : because(home, state));
  return true;
}

/// Databases that were migrated at this commit prove its build, should the journal have lost it.
bool build_is_pending(const WantedHome& home, const std::vector<const Wanted*>& migrations,
                      const Sight& sight) {
  if (home.builds.empty() || state_of(sight, build_key(home)) == RunState::succeeded) return false;
  const bool migrates =
      std::any_of(home.databases.begin(), home.databases.end(),
                  [](const Wanted& wanted) { return !wanted.migrations.empty(); });
  return !migrates || !migrations.empty();
}

void plan_migration(const WantedHome& home, const Wanted& wanted, const Sight& sight,
                    Draft& draft) {
  const auto state = state_of(sight, migration_key(home, wanted));
  const bool exists = sight.find(wanted.instance, wanted.place).has_value();
  if (exists && gave_up(state)) {
    draft.refuse(wanted.place, retry_hint(home, RunKind::migration, *state));
    return;
  }
  if (state == RunState::running) return;
  draft.add(Migrate{draft.targets.at(wanted.place), draft.marks.at(wanted.place), home.branch,
                    home.commit, wanted.migrations},
            because(home, exists ? state : std::nullopt));
}

}  // namespace

void plan_runs(const WantedHome& home, const Sight& sight, Draft& draft) {
  const std::vector<const Wanted*> migrations = pending(home, sight, draft);
  const bool build_pending = build_is_pending(home, migrations, sight);
  if (migrations.empty() && !build_pending) return;
  if (home.runs_refused) {
    refuse_run(home, *home.runs_refused, draft);
    return;
  }
  bool checkout_needed = false;
  for (const Wanted* wanted : migrations)
    checkout_needed = checkout_needed || !gave_up(state_of(sight, migration_key(home, *wanted))) ||
                      !sight.find(wanted->instance, wanted->place);
  if (!plan_build(home, checkout_needed, sight, draft)) return;
  for (const Wanted* wanted : migrations) plan_migration(home, *wanted, sight, draft);
}

}  // namespace bough::planner
