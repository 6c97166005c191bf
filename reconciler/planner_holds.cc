#include <fmt/format.h>

#include <algorithm>

#include "reconciler/planner_parts.h"

namespace bough::planner {
namespace {

/// A held database of a branch, or of a preview, whose hold is over.
struct Ending {
  Target at;
  Mark mark;
  Held held;
};

const Keeping* keeping_of(const Departures& pass, const RepositoryName& repository) {
  const auto found = pass.desired.keeping.find(repository);
  return found == pass.desired.keeping.end() ? nullptr : &found->second;
}

std::optional<Ending> ending_of(const Departures& pass, const InstanceName& instance,
                                const SeenDatabase& database) {
  if (!database.mark || database.broken) return std::nullopt;
  const Mark& mark = *database.mark;
  const auto* held = std::get_if<Held>(&mark.standing);
  if (!held || is_production(mark.place.home.environment)) return std::nullopt;
  const bool unwanted =
      held->aside ? is_spoken_for(pass, mark.place.home) : gone(pass, mark.place, instance);
  if (!unwanted) return std::nullopt;
  return Ending{{instance, mark.place, mark.name}, mark, *held};
}

std::string because(const Ending& ending) {
  return fmt::format("it is held since {}, and its hold is over", rfc3339(ending.held.since));
}

/// Whether the hold ends in this plan.
bool ends(const Departures& pass, const Ending& ending, const Rules& rules, Draft& draft) {
  const Place& place = ending.at.place;
  const Keeping* keeping = keeping_of(pass, place.home.repository);
  if (!keeping || ending.held.ask || rules.now < ending.held.since + keeping->hold) return false;
  if (!ending.held.aside &&
      pass.sight.foreign_role(ending.at.instance, ending.at.name.text(), place))
    return false;
  const auto undumpable = pass.sight.observed().no_dumps.find(ending.at.instance);
  if (!keeping->dump || undumpable == pass.sight.observed().no_dumps.end()) return true;
  draft.refuse(place,
               fmt::format("the hold of {} is over, but it cannot be dumped, so it stays: {}",
                           printable(ending.at.name.text()), undumpable->second));
  return false;
}

std::string because_role_goes(const SeenRole& role) {
  if (role.elsewhere.empty()) return "its database is gone";
  return printable(fmt::format(
      "its database is gone; what it owns in {} falls to the owner there, if that is no "
      "superuser, and its privileges go",
      fmt::join(role.elsewhere, ", ")));
}

/// The role that a place's databases belong to.
const std::pair<const std::string, SeenRole>* role_of(const Contents& contents,
                                                      const Place& place) {
  for (const auto& entry : contents.roles)
    if (entry.second.mark && entry.second.mark->place == place &&
        !std::holds_alternative<Scratch>(entry.second.mark->standing))
      return &entry;
  return nullptr;
}

/// Whether a database of the place is there that does not end.
bool something_stays(const Contents& contents, const Place& place,
                     const std::set<DatabaseName>& ending) {
  return std::any_of(contents.databases.begin(), contents.databases.end(), [&](const auto& one) {
    const auto& mark = one.second.mark;
    return mark && mark->place == place && !ending.contains(mark->name);
  });
}

void plan_ending(const Departures& pass, const Ending& ending, Draft& draft) {
  const Keeping& keeping = *keeping_of(pass, ending.at.place.home.repository);
  if (keeping.dump) draft.add(DumpDatabase{ending.at, ending.mark}, because(ending));
  draft.add(DropDatabase{ending.at, ending.mark}, because(ending));
}

/// What ends on one server; a place's role goes after the last of its databases.
void plan_server(const Departures& pass, const InstanceName& instance, const Contents& contents,
                 const Rules& rules, Draft& draft) {
  std::map<Place, std::set<DatabaseName>> ended;
  for (const auto& [name, database] : contents.databases) {
    const auto ending = ending_of(pass, instance, database);
    if (!ending || !ends(pass, *ending, rules, draft)) continue;
    plan_ending(pass, *ending, draft);
    ended[ending->at.place].insert(ending->at.name);
  }
  for (const auto& [place, names] : ended) {
    const auto* role = role_of(contents, place);
    if (!role || !gone(pass, place, instance) || something_stays(contents, place, names)) continue;
    const DatabaseName& login = role->second.mark->name;
    if (contents.databases.contains(login.text()) && !names.contains(login)) continue;
    draft.add(DropRole{{instance, place, role->second.mark->name}},
              because_role_goes(role->second));
  }
}

std::optional<Instant> last_use(const Sight& sight, const WantedHome& home) {
  const auto* branch = std::get_if<Branch>(&home.home.environment);
  if (!branch) return std::nullopt;
  const auto& activity = sight.observed().activity;
  const auto known = activity.find({home.home.repository, branch->name});
  if (known == activity.end() || known->second.tip != home.commit) return std::nullopt;
  Instant last = known->second.at;
  for (const Wanted& wanted : home.databases)
    for (const Seen& seen : sight.everywhere(wanted.place))
      last = std::max(last, seen.database->mark->renewed.value_or(last));
  return last;
}

}  // namespace

std::set<Home> expired_homes(const Desired& desired, const Sight& sight, Instant now) {
  std::set<Home> expired;
  for (const WantedHome& home : desired.homes) {
    const auto keeping = desired.keeping.find(home.home.repository);
    if (keeping == desired.keeping.end() || !keeping->second.ttl) continue;
    const auto last = last_use(sight, home);
    if (last && now >= *last + *keeping->second.ttl) expired.insert(home.home);
  }
  return expired;
}

void plan_scratch(const Desired& desired, const Sight& sight, Draft& draft) {
  constexpr const char* kBecause = "it is a copy that was never finished";
  for (const auto& [instance, seen] : sight.observed().instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    std::map<DatabaseName, Place> copies;
    for (const auto& [name, role] : contents->roles)
      if (role.mark && std::holds_alternative<Scratch>(role.mark->standing))
        copies.emplace(role.mark->name, role.mark->place);
    for (const auto& [name, database] : contents->databases)
      if (database.mark && std::holds_alternative<Scratch>(database.mark->standing))
        copies.emplace(database.mark->name, database.mark->place);
    for (const auto& [name, place] : copies) {
      if (!desired.speaks_for.contains(place.home.repository)) continue;
      const Target at{instance, place, name};
      const auto database = contents->databases.find(name.text());
      const bool there =
          database != contents->databases.end() &&
          (database->second.mark || sight.half_created(instance, name.text(), place));
      if (there) draft.add(DropDatabase{at}, kBecause);
      if (sight.role(instance, name.text()) && !sight.foreign_role(instance, name.text(), place))
        draft.add(DropRole{at}, kBecause);
    }
  }
}

void plan_endings(const Departures& pass, const Rules& rules, Draft& draft) {
  for (const auto& [instance, seen] : pass.sight.observed().instances)
    if (const auto* contents = std::get_if<Contents>(&seen))
      plan_server(pass, instance, *contents, rules, draft);
}

}  // namespace bough::planner
