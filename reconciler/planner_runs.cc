#include <fmt/format.h>

#include <algorithm>

#include "reconciler/history.h"
#include "reconciler/planner_run_parts.h"
#include "reconciler/planner_upkeep.h"

namespace bough::planner {
namespace {

/// What plan_runs was given.
struct Coming {
  const WantedHome& home;
  const Sight& sight;
  const Rules& rules;
};

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

std::vector<const Wanted*> pending(const WantedHome& home, const Sight& sight, const Draft& draft) {
  std::vector<const Wanted*> result;
  for (const Wanted& wanted : home.databases)
    if (!wanted.migrations.empty() && !already_migrated(home, wanted, sight, draft))
      result.push_back(&wanted);
  return result;
}

std::string stop_text(const std::string& because, const WantedHome& home) {
  return fmt::format(
      "{}; production is not rebuilt: restore the file and add a new migration, or, if the "
      "database is as it should be, go on with bough retry {} --branch {}",
      because, home.home.repository.text(), printable(home.branch.text()));
}

/// Whether a command brought the database back after the commit was pushed: not to lose it again.
bool was_brought_back(const WantedHome& home, const Wanted& wanted, const Sight& sight,
                      const Draft& draft) {
  const auto& renewed = draft.marks.at(wanted.place).renewed;
  const auto& activity = sight.observed().activity;
  const auto known = activity.find({home.home.repository, home.branch});
  return renewed && known != activity.end() && known->second.tip == home.commit &&
         *renewed >= known->second.at;
}

std::string brought_back_text(const std::string& because) {
  return fmt::format(
      "{}; the database was brought back by command since then, so it is not made anew: push the "
      "migrations that ran in it, or begin anew with bough reset",
      because);
}

/// Whether the build lets anything follow.
bool build_permits(const WantedHome& home, const Sight& sight, Draft& draft) {
  if (home.builds.empty()) return true;
  const auto state = state_of(sight, build_key(home));
  if (gave_up(state)) {
    refuse_run(home, retry_hint(home, RunKind::build, *state), draft);
    plan_failure_jobs(home, "", sight, draft);
  }
  return !gave_up(state) && !under_way(state);
}

bool needs_build(const Step& step) {
  const auto run = run_of(step.action);
  return run && run->kind != RunKind::failed_deploy;
}

/// Puts the build before the home's other steps, which begin at `first`, when they need its
/// checkout.
void plan_checkout(const WantedHome& home, std::size_t first, const Sight& sight, Draft& draft) {
  if (home.builds.empty()) return;
  const RunKey key = build_key(home);
  const auto state = state_of(sight, key);
  const auto begin = draft.plan.steps.begin() + static_cast<std::ptrdiff_t>(first);
  const bool checkout_needed = std::any_of(begin, draft.plan.steps.end(), needs_build);
  if (!checkout_needed || sight.observed().checkouts.contains(key)) return;
  draft.plan.steps.insert(begin,
                          {Build{home.home, home.branch, home.commit, home.builds},
                           state == RunState::succeeded ? "its checkout is needed for what follows"
                                                        : because(home, state),
                           false});
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

/// The database as a new one of this commit would be; what was in it stays aside. False: refused.
bool rebuild(const Wanted& wanted, const std::string& because, const Coming& coming, Draft& draft) {
  const Target& at = draft.targets.at(wanted.place);
  const Origin origin = origin_of(wanted, at, coming.sight, draft);
  if (const auto* none = std::get_if<NoOrigin>(&origin)) {
    draft.refuse(wanted.place, none->reason);
    return false;
  }
  Mark aside = draft.marks.at(wanted.place);
  aside.name = free_aside_name(at, coming.sight);
  aside.standing = Held{coming.rules.now, false, true};
  draft.add(SetAside{at, aside},
            fmt::format("{}; the old database is kept as {}", because, aside.name.text()));
  Mark fresh = draft.marks.at(wanted.place);
  fresh.migrated.reset();
  fresh.seeded.reset();
  fresh.extensions.clear();
  if (const auto* from = std::get_if<FromStock>(&origin)) {
    draft.add(CopyDatabase{at, fresh, wanted.limits, from->stock, from->spare},
              because + "; " + from->because);
  } else {
    draft.add(CreateDatabase{at}, because);
    draft.add(GrantAccess{at, fresh}, because);
  }
  plan_equipment({wanted, coming.home, coming.sight}, at, fresh, draft);
  draft.marks.insert_or_assign(wanted.place, fresh);
  return true;
}

/// The copy that is made before the migration, where a failure is to be put back.
std::optional<Mark> image_for(const WantedHome& home, const Mark& mark, Instant now) {
  if (home.on_failure != OnFailure::restore || is_production(home.home.environment) || mark.adopted)
    return std::nullopt;
  Mark image = mark;
  image.name = image_name(mark.name);
  image.standing = Image{now};
  return image;
}

void add_migration(const WantedHome& home, const Wanted& wanted, std::string because,
                   const Rules& rules, Draft& draft) {
  const Target& at = draft.targets.at(wanted.place);
  Mark& mark = draft.marks.at(wanted.place);
  const auto image = image_for(home, mark, rules.now);
  if (image) draft.add(KeepImage{at, *image}, "on_failure: restore, should the migration fail");
  draft.add(Migrate{at, mark, home.branch, home.commit, wanted.migrations, image},
            std::move(because));
  if (image) draft.add(DropImage{at, image->name}, "of no use once the migration succeeded");
  mark.migrated = Migrated{home.commit, digest(wanted.migrations)};
}

/// Whether the database will be at the commit.
bool plan_migration(const WantedHome& home, const Wanted& wanted, const Coming& coming,
                    Draft& draft) {
  const auto state = state_of(coming.sight, migration_key(home, wanted));
  const bool exists = coming.sight.find(wanted.instance, wanted.place).has_value();
  const auto refuse = [&](std::string reason) {
    draft.refuse(wanted.place, std::move(reason));
    return false;
  };
  if (under_way(state)) return false;
  const Way way = exists ? way_of(home, wanted, coming.sight) : Onward{};
  if (const auto* stop = std::get_if<Stop>(&way)) return refuse(stop_text(stop->because, home));
  if (exists && gave_up(state)) {
    plan_failure_jobs(home, wanted.place.component.text(), coming.sight, draft);
    return refuse(retry_hint(home, RunKind::migration, *state));
  }
  const auto* anew = std::get_if<Rebuild>(&way);
  if (anew && was_brought_back(home, wanted, coming.sight, draft))
    return refuse(brought_back_text(anew->because));
  if (exists && !anew && state == RunState::unknown && home.on_unknown == OnUnknown::ask)
    return refuse(unknown_hint(home, RunKind::migration));
  if (anew && !rebuild(wanted, anew->because, coming, draft)) return false;
  add_migration(home, wanted, because(home, exists && !anew ? state : std::nullopt), coming.rules,
                draft);
  return true;
}

/// What is missing of a home whose databases are all there.
struct Due {
  std::vector<const Wanted*> migrations;
  std::vector<const Wanted*> seeds;
  bool jobs = false;
  bool nothing() const { return migrations.empty() && seeds.empty() && !jobs; }
};

Due due_of(const WantedHome& home, const Sight& sight, const Draft& draft) {
  Due due{pending(home, sight, draft), {}, jobs_are_due(home, sight, draft)};
  for (const Wanted& wanted : home.databases)
    if (seed_is_due(home, wanted, sight, draft)) due.seeds.push_back(&wanted);
  return due;
}

std::string waits_for(const WantedHome& home) {
  return fmt::format("waiting for build \"{}\" of {}", printable(*home.wait_for),
                     shortened(home.commit));
}

void wait(const WantedHome& home, const Due& due, Draft& draft) {
  Waiting waiting{home.home, home.branch, home.commit, home.builds, waits_for(home)};
  const auto add = [&](const std::vector<Command>& commands) {
    waiting.commands.insert(waiting.commands.end(), commands.begin(), commands.end());
  };
  for (const Wanted* wanted : due.migrations) add(wanted->migrations);
  for (const Wanted* wanted : due.seeds) add(wanted->seeds);
  if (due.jobs) add(home.after_deploy);
  draft.plan.waiting.push_back(std::move(waiting));
}

/// Whether the build that others run lets the commands follow. Only a report of this very commit
/// and name counts.
bool reported(const WantedHome& home, const Due& due, const Sight& sight, Draft& draft) {
  if (!home.wait_for) return true;
  const auto& reports = sight.observed().reports;
  const auto found = std::find_if(reports.begin(), reports.end(), [&](const ReportedBuild& one) {
    return one.repository == home.home.repository && one.commit == home.commit &&
           one.name == *home.wait_for;
  });
  if (found == reports.end()) {
    wait(home, due, draft);
    return false;
  }
  if (found->succeeded) return true;
  refuse_run(
      home,
      fmt::format("build \"{}\" of {} failed (told by {}); push a fix, or run that build "
                  "again",
                  printable(*home.wait_for), shortened(home.commit), printable(found->reporter)),
      draft);
  plan_failure_jobs(home, "", sight, draft);
  return false;
}

/// Migrations first, then seeds, then jobs if nothing is missing.
void plan_commands(const WantedHome& home, const Due& due, const Coming& coming, Draft& draft) {
  std::set<Place> behind;
  for (const Wanted* wanted : due.migrations)
    if (!plan_migration(home, *wanted, coming, draft)) behind.insert(wanted->place);
  bool complete = behind.empty();
  for (const Wanted& wanted : home.databases)
    if (!behind.contains(wanted.place))
      complete = plan_seed(home, wanted, coming.sight, draft) && complete;
  if (complete) plan_jobs(home, coming.sight, draft);
}

}  // namespace

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

std::string because(const WantedHome& home, std::optional<RunState> state) {
  if (state == RunState::unknown)
    return fmt::format("its last run at {} was interrupted and its outcome is unknown",
                       shortened(home.commit));
  return fmt::format("commit {} of {} is new here", shortened(home.commit),
                     printable(home.branch.text()));
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

std::string unknown_hint(const WantedHome& home, RunKind kind) {
  return fmt::format(
      "the {} {} {} was interrupted and its outcome is unknown: look at the database and at "
      "bough logs, then run it again with bough retry",
      word_of(kind), kind == RunKind::migration ? "to" : "of", shortened(home.commit));
}

void plan_runs(const WantedHome& home, const Sight& sight, const Rules& rules, Draft& draft) {
  const Due due = due_of(home, sight, draft);
  const bool build_pending = build_is_pending(home, due.migrations, sight);
  if (due.nothing() && !build_pending) return;
  if (home.runs_refused) {
    refuse_run(home, *home.runs_refused, draft);
    return;
  }
  if (!reported(home, due, sight, draft)) return;
  if (!build_permits(home, sight, draft)) return;
  const std::size_t first = draft.plan.steps.size();
  if (build_pending)
    draft.add(Build{home.home, home.branch, home.commit, home.builds},
              because(home, state_of(sight, build_key(home))));
  plan_commands(home, due, {home, sight, rules}, draft);
  if (!build_pending) plan_checkout(home, first, sight, draft);
}

}  // namespace bough::planner
