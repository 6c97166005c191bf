#pragma once

#include <optional>
#include <string>

#include "reconciler/planner_parts.h"

/// What the planning of builds, migrations, seeds and jobs has in common.
namespace bough::planner {

std::optional<RunState> state_of(const Sight& sight, const RunKey& key);
bool under_way(std::optional<RunState> state);
bool gave_up(std::optional<RunState> state);

/// Why something runs at the home's commit.
std::string because(const WantedHome& home, std::optional<RunState> state);
void refuse_run(const WantedHome& home, std::string reason, Draft& draft);
/// What to do about a run that failed, or whose outcome is unknown.
std::string retry_hint(const WantedHome& home, RunKind kind, RunState state);
std::string unknown_hint(const WantedHome& home, RunKind kind);

/// Whether the database is to be seeded once it is migrated; whether its jobs are to run once all
/// databases are.
bool seed_is_due(const WantedHome& home, const Wanted& wanted, const Sight& sight,
                 const Draft& draft);
bool jobs_are_due(const WantedHome& home, const Sight& sight, const Draft& draft);

/// Plans the seed of a migrated database, if one is due. Whether nothing is missing then.
bool plan_seed(const WantedHome& home, const Wanted& wanted, const Sight& sight, Draft& draft);
/// Plans the jobs that follow a deployment in which nothing is missing, if they are due.
void plan_jobs(const WantedHome& home, const Sight& sight, Draft& draft);
/// Plans the jobs that follow a failure, once for each: of the build, or of the component `failed`.
void plan_failure_jobs(const WantedHome& home, const std::string& failed, const Sight& sight,
                       Draft& draft);

}  // namespace bough::planner
