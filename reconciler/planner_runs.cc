#include <fmt/format.h>

#include <algorithm>

#include "reconciler/history.h"
#include "reconciler/planner_parts.h"

namespace bough::planner {
namespace {

/// What plan_runs was given.
struct Coming {
  const Sight& sight;
  const Rules& rules;
};

std::optional<RunState> state_of(const Sight& sight, const RunKey& key) {
  const auto found = sight.observed().runs.find(key);
  if (found == sight.observed().runs.end()) return std::nullopt;
  return found->second;
}

bool under_way(std::optional<RunState> state) {
  return state == RunState::running || state == RunState::queued;
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

Way way_of(const WantedHome& home, const Wanted& wanted, const Sight& sight) {
  const Observed& world = sight.observed();
  const auto history = world.histories.find(wanted.place);
  if (history == world.histories.end()) return Onward{};
  return bough::way_of(home, history->second, world.accepted.contains({home.home, home.commit}));
}

bool already_migrated(const WantedHome& home, const Wanted& wanted, const Sight& sight,
                      const Draft& draft) {
  const auto& migrated = draft.marks.at(wanted.place).migrated;
  if (migrated && migrated->commit == home.commit && migrated->digest == digest(wanted.migrations))
    return true;
  // The journal remembers the commits before the last one, so going back to one runs nothing; a
  // database made in this plan is empty, whatever was run in an earlier one of that name.
  const bool exists = sight.find(wanted.instance, wanted.place).has_value();
  return exists && migrated &&
         state_of(sight, migration_key(home, wanted)) == RunState::succeeded &&
         !std::holds_alternative<Rebuild>(way_of(home, wanted, sight));
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
  draft.plan.refused.push_back(
      {home.home.repository, std::nullopt,
       fmt::format("{}/{}", home.home.repository.text(), path_of(home.home.environment)),
       std::move(reason)});
}

std::string retry_hint(const WantedHome& home, RunKind kind, RunState state) {
  return fmt::format("the {} of {} {}; see bough logs, then push a fix or use bough retry",
                     word_of(kind), shortened(home.commit),
                     state == RunState::timed_out ? "ran out of time" : "failed");
}

std::string waits_for(const WantedHome& home) {
  return fmt::format("waiting for build \"{}\" of {}", printable(*home.wait_for),
                     shortened(home.commit));
}

void wait(const WantedHome& home, const std::vector<const Wanted*>& migrations, Draft& draft) {
  Waiting waiting{home.home, home.branch, home.commit, home.builds, waits_for(home)};
  for (const Wanted* wanted : migrations)
    waiting.commands.insert(waiting.commands.end(), wanted->migrations.begin(),
                            wanted->migrations.end());
  draft.plan.waiting.push_back(std::move(waiting));
}

/// Whether the build that others run lets the commands follow. Only a report of this very commit
/// and name counts.
bool reported(const WantedHome& home, const std::vector<const Wanted*>& migrations,
              const Sight& sight, Draft& draft) {
  if (!home.wait_for) return true;
  const auto& reports = sight.observed().reports;
  const auto found = std::find_if(reports.begin(), reports.end(), [&](const ReportedBuild& one) {
    return one.repository == home.home.repository && one.commit == home.commit &&
           one.name == *home.wait_for;
  });
  if (found == reports.end()) {
    wait(home, migrations, draft);
    return false;
  }
  if (!found->succeeded)
    refuse_run(
        home,
        fmt::format("build \"{}\" of {} failed (told by {}); push a fix, or run that build "
                    "again",
                    printable(*home.wait_for), shortened(home.commit), printable(found->reporter)),
        draft);
  return found->succeeded;
}

std::string stop_text(const std::string& because) {
  return fmt::format(
      "{}; production is not rebuilt: restore the file and add a new migration, or, if the "
      "database "
      "is as it should be, go on with bough retry",
      because);
}

std::string unknown_text(const WantedHome& home) {
  return fmt::format(
      "the migration to {} was interrupted and its outcome is unknown: look at the database and at "
      "bough logs, then run it again with bough retry",
      shortened(home.commit));
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
  if (under_way(state)) return false;
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

DatabaseName free_aside_name(const Target& at, const Sight& sight) {
  const Contents* contents = sight.contents(at.instance);
  for (int number = 1;; ++number) {
    DatabaseName name = aside_name(at.name, number);
    if (!contents || !contents->databases.contains(name.text())) return name;
  }
}

/// The database as a new one of this commit would be; what was in it stays aside.
void rebuild(const Wanted& wanted, const std::string& because, const Coming& coming, Draft& draft) {
  const Target& at = draft.targets.at(wanted.place);
  Mark aside = draft.marks.at(wanted.place);
  aside.name = free_aside_name(at, coming.sight);
  aside.standing = Held{coming.rules.now, false, true};
  draft.add(SetAside{at, aside},
            fmt::format("{}; the old database is kept as {}", because, aside.name.text()));
  draft.add(CreateDatabase{at}, because);
  Mark fresh = draft.marks.at(wanted.place);
  fresh.migrated.reset();
  draft.add(GrantAccess{at, fresh}, because);
  draft.marks.insert_or_assign(wanted.place, fresh);
}

void plan_migration(const WantedHome& home, const Wanted& wanted, const Coming& coming,
                    Draft& draft) {
  const auto state = state_of(coming.sight, migration_key(home, wanted));
  const bool exists = coming.sight.find(wanted.instance, wanted.place).has_value();
  if (under_way(state)) return;
  const Way way = exists ? way_of(home, wanted, coming.sight) : Onward{};
  if (const auto* stop = std::get_if<Stop>(&way))
    return draft.refuse(wanted.place, stop_text(stop->because));
  if (exists && gave_up(state))
    return draft.refuse(wanted.place, retry_hint(home, RunKind::migration, *state));
  const auto* anew = std::get_if<Rebuild>(&way);
  if (exists && !anew && state == RunState::unknown && home.on_unknown == OnUnknown::ask)
    return draft.refuse(wanted.place, unknown_text(home));
  if (anew) rebuild(wanted, anew->because, coming, draft);
  draft.add(Migrate{draft.targets.at(wanted.place), draft.marks.at(wanted.place), home.branch,
                    home.commit, wanted.migrations},
            because(home, exists && !anew ? state : std::nullopt));
}

}  // namespace

void plan_runs(const WantedHome& home, const Sight& sight, const Rules& rules, Draft& draft) {
  const std::vector<const Wanted*> migrations = pending(home, sight, draft);
  const bool build_pending = build_is_pending(home, migrations, sight);
  if (migrations.empty() && !build_pending) return;
  if (home.runs_refused) {
    refuse_run(home, *home.runs_refused, draft);
    return;
  }
  if (!reported(home, migrations, sight, draft)) return;
  bool checkout_needed = false;
  for (const Wanted* wanted : migrations)
    checkout_needed = checkout_needed || !gave_up(state_of(sight, migration_key(home, *wanted))) ||
                      !sight.find(wanted->instance, wanted->place);
  if (!plan_build(home, checkout_needed, sight, draft)) return;
  for (const Wanted* wanted : migrations) plan_migration(home, *wanted, {sight, rules}, draft);
}

}  // namespace bough::planner
