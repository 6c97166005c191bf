#include <fmt/format.h>

#include <algorithm>

#include "reconciler/planner_parts.h"

namespace bough::planner {
namespace {

using Pass = Departures;

bool is_watched(const Pass& pass, const Home& home) {
  const auto* branch = std::get_if<Branch>(&home.environment);
  const auto there = pass.desired.watched.find(home.repository);
  return branch && there != pass.desired.watched.end() && there->second.contains(branch->name);
}

std::string reason(const Pass& pass, const Place& place, const Rules& rules) {
  if (rules.expired.contains(place.home))
    return fmt::format("nobody pushed to {} for its time to live", title(place.home.environment));
  if (pass.wanted.contains(place)) return "another version or instance is asked for now";
  if (std::holds_alternative<Preview>(place.home.environment))
    return title(place.home.environment) + " is over";
  if (std::holds_alternative<Branch>(place.home.environment) && !is_watched(pass, place.home))
    return title(place.home.environment) + " is gone, or is no longer watched";
  return fmt::format("{} no longer asks for {}", title(place.home.environment),
                     place.component.text());
}

bool waits_already(const Standing& standing) {
  return std::holds_alternative<Held>(standing) || std::holds_alternative<Detached>(standing) ||
         std::holds_alternative<Scratch>(standing);
}

/// Somebody brought it back although Git does not ask for it: that is good for as long as a hold.
bool stays_by_command(const Pass& pass, const Mark& mark, Instant now) {
  const auto keeping = pass.desired.keeping.find(mark.place.home.repository);
  if (!mark.renewed || keeping == pass.desired.keeping.end()) return false;
  return now < *mark.renewed + keeping->second.hold;
}

struct Leaving {
  Target at;
  Mark mark;
};

void plan_leaving(const Pass& pass, const std::vector<Leaving>& leaving, bool ask,
                  const Rules& rules, Draft& draft) {
  for (Leaving one : leaving) {
    if (is_production(one.at.place.home.environment)) {
      one.mark.standing = Detached{rules.now};
      draft.add(SetStanding{one.at, one.mark},
                reason(pass, one.at.place, rules) + "; a production database is kept for ever");
      continue;
    }
    one.mark.standing = Held{rules.now, ask};
    draft.add(SetStanding{one.at, one.mark},
              reason(pass, one.at.place, rules) +
                  (ask ? "; so many go at once that what follows waits for bough confirm" : ""));
  }
}

void plan_broken(const Pass& pass, const InstanceName& instance, const Contents& contents,
                 Draft& draft) {
  for (const auto& [name, database] : contents.databases) {
    if (!database.broken || !database.mark) continue;
    if (std::holds_alternative<Image>(database.mark->standing)) continue;
    const Place& place = database.mark->place;
    const bool aside = is_aside(database.mark->standing);
    if (aside ? !is_spoken_for(pass, place.home) : !gone(pass, place, instance)) continue;
    if (is_production(place.home.environment) || pass.sight.foreign_role(instance, name, place))
      continue;
    const Target at{instance, place, database.mark->name};
    draft.add(DropDatabase{at}, "an interrupted drop left it unusable");
    if (pass.sight.role(instance, name) && !pass.sight.keeps_aside(instance, place))
      draft.add(DropRole{at}, "its database is gone");
  }
}

/// Its database was renamed, so there is data.
bool owns_another(const Contents& contents, const std::string& role) {
  return std::any_of(contents.databases.begin(), contents.databases.end(), [&](const auto& one) {
    return one.first != role && one.second.owner == role && one.second.strayed;
  });
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
    if (std::holds_alternative<Scratch>(role.mark->standing)) continue;
    // It owns what is in there.
    if (pass.sight.keeps_aside(instance, place)) continue;
    if (owns_another(contents, name)) continue;
    const Target at{instance, place, role.mark->name};
    if (half) draft.add(DropDatabase{at}, "its creation was interrupted and it is not wanted now");
    const bool held = std::holds_alternative<Held>(role.mark->standing);
    draft.add(DropRole{at},
              held ? "its database is gone" : "its database was never made and is not wanted now");
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
      if (stays_by_command(pass, *database.mark, rules.now)) continue;
      if (pass.sight.foreign_role(instance, name, place))
        draft.refuse(place, fmt::format("{} is not wanted, but role {} on {} is not bough's", name,
                                        name, instance.text()));
      else if (!database.broken)
        leaving.push_back({{instance, place, database.mark->name}, *database.mark});
    }
  }
  plan_leaving(pass, leaving, too_many(rules.policy, leaving.size(), all), rules, draft);
}

}  // namespace

Departures::Departures(const Desired& asked, const Sight& seen, std::set<Place> not_met)
    : desired(asked), sight(seen), unmet(std::move(not_met)) {
  for (const WantedHome& home : desired.homes)
    for (const Wanted& one : home.databases) wanted.emplace(one.place, one.instance);
}

bool is_spoken_for(const Departures& pass, const Home& home) {
  if (!pass.desired.speaks_for.contains(home.repository)) return false;
  const auto unreadable = pass.desired.unreadable.find(home.repository);
  return unreadable == pass.desired.unreadable.end() ||
         !unreadable->second.contains(home.environment);
}

bool gone(const Departures& pass, const Place& place, const InstanceName& instance) {
  if (!is_spoken_for(pass, place.home)) return false;
  const auto wanted = pass.wanted.find(place);
  if (wanted == pass.wanted.end()) return true;
  return wanted->second != instance && !pass.unmet.contains(place);
}

void plan_leftovers(const Desired& desired, const Sight& sight, Draft& draft) {
  const Pass pass(desired, sight);
  for (const auto& [instance, seen] : sight.observed().instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    plan_broken(pass, instance, *contents, draft);
    plan_leftover_roles(pass, instance, *contents, draft);
  }
}

void plan_departures(const Desired& desired, const Sight& sight, const std::set<Place>& unmet,
                     const Rules& rules, Draft& draft) {
  const Pass pass(desired, sight, unmet);
  for (const RepositoryName& repository : desired.speaks_for)
    plan_repository(pass, repository, rules, draft);
}

}  // namespace bough::planner
