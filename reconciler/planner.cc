#include "reconciler/planner.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/planner_parts.h"
#include "reconciler/planner_renames.h"
#include "reconciler/planner_upkeep.h"

namespace bough {
namespace {

using planner::Draft;
using planner::Sight;

/// What the world is once the steps from `first` on are carried out.
Observed carried_out(Observed world, const Plan& made, std::size_t first = 0) {
  for (std::size_t i = first; i < made.steps.size(); ++i)
    world = after(std::move(world), made.steps[i]);
  return world;
}

/// What interruptions left is taken away first: the names that it had are free for the rest.
Observed tidied(const Desired& desired, const Observed& observed, Draft& draft) {
  planner::plan_leftovers(desired, Sight(observed), draft);
  planner::plan_scratch(desired, Sight(observed), draft);
  Observed world = carried_out(observed, draft.plan);
  std::size_t planned = draft.plan.steps.size();
  planner::plan_strays(desired, Sight(world), draft);
  world = carried_out(std::move(world), draft.plan, planned);
  planned = draft.plan.steps.size();
  planner::plan_images(desired, Sight(world), draft);
  return carried_out(std::move(world), draft.plan, planned);
}

/// The wanted places that do not get their database in this plan: what they have elsewhere stays.
std::set<Place> plan_homes(const Desired& desired, const Sight& sight, const planner::Rules& rules,
                           Draft& draft) {
  std::set<Place> unmet;
  for (const WantedHome& home : desired.homes) {
    bool ready = true;
    for (const Wanted& wanted : home.databases) {
      if (planner::plan_database(wanted, home, sight, draft)) continue;
      unmet.insert(wanted.place);
      ready = false;
    }
    if (ready) planner::plan_runs(home, sight, rules, draft);
  }
  return unmet;
}

/// Without these homes: what they have leaves as if they were gone.
Desired without(Desired desired, const std::set<Home>& expired) {
  std::erase_if(desired.homes, [&](const WantedHome& home) { return expired.contains(home.home); });
  return desired;
}

}  // namespace

Desired settled(Desired desired, const Observed& observed) {
  const Sight sight(observed);
  const auto renamed = planner::movable(desired, sight);
  for (WantedHome& home : desired.homes)
    for (Wanted& wanted : home.databases) {
      if (!wanted.any_version || sight.find(wanted.instance, wanted.place)) continue;
      const auto elsewhere = sight.everywhere(wanted.place);
      const auto moves = renamed.find(wanted.place);
      if (!elsewhere.empty())
        wanted.instance = elsewhere.front().instance;
      else if (moves != renamed.end())
        wanted.instance = moves->second;
    }
  return desired;
}

Plan plan(const Desired& asked, const Observed& observed, const Policy& policy, Instant now) {
  Draft draft;
  draft.now = now;
  const std::set<Home> expired = planner::expired_homes(asked, Sight(observed), now);
  const Desired desired = without(asked, expired);
  // The names that leftovers had are free for the rest of the plan.
  const Observed tidy = tidied(desired, observed, draft);
  Draft renames;
  planner::plan_renames(desired, Sight(tidy), renames);
  const Observed world = carried_out(tidy, renames.plan);
  const Sight sight(world);
  for (Step& step : renames.plan.steps) draft.plan.steps.push_back(std::move(step));
  draft.plan.refused = desired.refused;
  draft.plan.diagnostics = desired.diagnostics;
  draft.plan.unapproved = desired.unapproved;
  const planner::Rules rules{policy, now, expired};
  const std::set<Place> unmet = plan_homes(desired, sight, rules, draft);
  planner::plan_departures(desired, sight, unmet, rules, draft);
  planner::plan_endings(planner::Departures(desired, sight, unmet), rules, draft);
  planner::plan_stock_departures(desired, sight, draft);
  planner::start_instances_first(draft);
  return std::move(draft.plan);
}

}  // namespace bough
