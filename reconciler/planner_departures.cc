#include <fmt/format.h>

#include <algorithm>

#include "reconciler/planner_parts.h"

namespace bough::planner {
namespace {

/// Everything about one pass over the unwanted.
struct Pass {
  const Desired& desired;
  const Sight& sight;
  std::set<Place> unmet;
  std::map<Place, InstanceName> wanted;
};

/// Whether the place is really gone, and not merely unknown or still waiting for its successor.
bool gone(const Pass& pass, const Place& place, const InstanceName& instance) {
  if (!pass.desired.speaks_for.contains(place.home.repository)) return false;
  const auto unreadable = pass.desired.unreadable.find(place.home.repository);
  if (unreadable != pass.desired.unreadable.end() &&
      unreadable->second.contains(place.home.environment))
    return false;
  const auto wanted = pass.wanted.find(place);
  if (wanted == pass.wanted.end()) return true;
  return wanted->second != instance && !pass.unmet.contains(place);
}

bool is_watched(const Pass& pass, const Home& home) {
  const auto* branch = std::get_if<Branch>(&home.environment);
  const auto there = pass.desired.watched.find(home.repository);
  return branch && there != pass.desired.watched.end() && there->second.contains(branch->name);
}

std::string reason(const Pass& pass, const Place& place) {
  if (pass.wanted.contains(place)) return "another version or instance is asked for now";
  if (std::holds_alternative<Preview>(place.home.environment))
    return title(place.home.environment) + " is over";
  if (std::holds_alternative<Branch>(place.home.environment) && !is_watched(pass, place.home))
    return title(place.home.environment) + " is gone, or is no longer watched";
  return fmt::format("{} no longer asks for {}", title(place.home.environment),
                     place.component.text());
}

bool waits_already(const Standing& standing) {
  return std::holds_alternative<Held>(standing) || std::holds_alternative<Detached>(standing);
}

struct Leaving {
  Target at;
  Mark mark;
};

struct Ending {
  Instant now;
  bool ask;
};

void plan_leaving(const Pass& pass, const std::vector<Leaving>& leaving, const Ending& ending,
                  Draft& draft) {
  for (Leaving one : leaving) {
    if (is_production(one.at.place.home.environment)) {
      one.mark.standing = Detached{ending.now};
      draft.add(SetStanding{one.at, one.mark},
                reason(pass, one.at.place) + "; a production database is kept for ever");
      continue;
    }
    one.mark.standing = Held{ending.now, ending.ask};
    draft.add(
        SetStanding{one.at, one.mark},
        reason(pass, one.at.place) +
            (ending.ask ? "; so many go at once that what follows waits for bough confirm" : ""));
  }
}

void plan_broken(const Pass& pass, const InstanceName& instance, const Contents& contents,
                 Draft& draft) {
  for (const auto& [name, database] : contents.databases) {
    if (!database.broken || !database.mark || !gone(pass, database.mark->place, instance)) continue;
    if (std::holds_alternative<Image>(database.mark->standing)) continue;
    const Place& place = database.mark->place;
    if (is_production(place.home.environment) || pass.sight.foreign_role(instance, name, place))
      continue;
    const Target at{instance, place, database.mark->name};
    draft.add(DropDatabase{at}, "an interrupted drop left it unusable");
    if (pass.sight.role(instance, name)) draft.add(DropRole{at}, "its database is gone");
  }
}

/// Roles whose database was never finished: nobody has ever been in there.
void plan_leftover_roles(const Pass& pass, const InstanceName& instance, const Contents& contents,
                         Draft& draft) {
  for (const auto& [name, role] : contents.roles) {
    if (!role.mark || !gone(pass, role.mark->place, instance)) continue;
    const Place& place = role.mark->place;
    if (is_production(place.home.environment)) continue;
    const bool half = pass.sight.half_created(instance, name, place);
    if (contents.databases.contains(name) && !half) continue;
    const Target at{instance, place, role.mark->name};
    if (half) draft.add(DropDatabase{at}, "its creation was interrupted and it is not wanted now");
    draft.add(DropRole{at}, "its database was never made and is not wanted now");
  }
}

bool too_many(const Policy& policy, std::size_t leaving, std::size_t all) {
  const std::size_t share = all * static_cast<std::size_t>(policy.mass_percent) / 100;
  return leaving > std::max<std::size_t>(static_cast<std::size_t>(policy.mass_least), share);
}

void plan_repository(const Pass& pass, const RepositoryName& repository, const Rules& rules,
                     Draft& draft) {
  std::vector<Leaving> leaving;
  std::size_t all = 0;
  for (const auto& [instance, seen] : pass.sight.observed().instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases) {
      if (!database.mark || database.mark->place.home.repository != repository) continue;
      if (std::holds_alternative<Image>(database.mark->standing)) continue;
      ++all;
      const Place& place = database.mark->place;
      if (waits_already(database.mark->standing) || !gone(pass, place, instance)) continue;
      if (pass.sight.foreign_role(instance, name, place))
        draft.refuse(place, fmt::format("{} is not wanted, but role {} on {} is not bough's", name,
                                        name, instance.text()));
      else if (!database.broken)
        leaving.push_back({{instance, place, database.mark->name}, *database.mark});
    }
  }
  plan_leaving(pass, leaving, {rules.now, too_many(rules.policy, leaving.size(), all)}, draft);
}

std::map<Place, InstanceName> wanted_places(const Desired& desired) {
  std::map<Place, InstanceName> result;
  for (const WantedHome& home : desired.homes)
    for (const Wanted& wanted : home.databases) result.emplace(wanted.place, wanted.instance);
  return result;
}

}  // namespace

void plan_leftovers(const Desired& desired, const Sight& sight, Draft& draft) {
  const Pass pass{desired, sight, {}, wanted_places(desired)};
  for (const auto& [instance, seen] : sight.observed().instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    plan_broken(pass, instance, *contents, draft);
    plan_leftover_roles(pass, instance, *contents, draft);
  }
}

void plan_departures(const Desired& desired, const Sight& sight, const std::set<Place>& unmet,
                     const Rules& rules, Draft& draft) {
  const Pass pass{desired, sight, unmet, wanted_places(desired)};
  for (const RepositoryName& repository : desired.speaks_for)
    plan_repository(pass, repository, rules, draft);
}

}  // namespace bough::planner
