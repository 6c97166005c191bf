// What was changed outside of bough around the databases that it looks after.
#include <fmt/format.h>

#include <algorithm>

#include "reconciler/planner_parts.h"
#include "reconciler/planner_upkeep.h"

namespace bough::planner {
namespace {

/// Whether the place has what the mark was written for, so that the mark was copied.
template <typename Objects>
bool has_original(const Objects& objects, const Mark& mark) {
  const auto found = objects.find(mark.name.text());
  return found != objects.end() && found->second.mark && found->second.mark->place == mark.place;
}

template <typename Objects>
std::vector<DatabaseName> strayed_from(const Objects& objects, const Place& place) {
  std::vector<DatabaseName> names;
  for (const auto& [name, object] : objects)
    if (object.strayed && object.strayed->place == place && in_place(object.strayed->standing) &&
        !has_original(objects, *object.strayed))
      names.push_back(*DatabaseName::parse(name));
  return names;
}

std::optional<DatabaseName> only(const std::vector<DatabaseName>& names) {
  return names.size() == 1 ? std::optional(names.front()) : std::nullopt;
}

/// The name that what was renamed is to have again.
DatabaseName original(const Contents& contents, const Strays& found) {
  return found.databases.empty()
             ? contents.roles.at(found.roles.front().text()).strayed->name
             : contents.databases.at(found.databases.front().text()).strayed->name;
}

/// Whether something of that name is there that is not of the place.
bool others_have(const Sight& sight, const Target& at) {
  if (sight.foreign_role(at.instance, at.name.text(), at.place)) return true;
  const Contents* contents = sight.contents(at.instance);
  const auto found = contents->databases.find(at.name.text());
  return found != contents->databases.end() &&
         (!found->second.mark || found->second.mark->place != at.place);
}

void plan_rename(const Wanted& wanted, const Sight& sight, Draft& draft) {
  const Contents* contents = sight.contents(wanted.instance);
  if (!contents || is_production(wanted.place.home.environment)) return;
  const Strays found = strays_of(sight, wanted.instance, wanted.place);
  // Of two with the same note nobody knows which was the one.
  if (!found.any() || found.databases.size() > 1 || found.roles.size() > 1) return;
  const Target at{wanted.instance, wanted.place, original(*contents, found)};
  if (others_have(sight, at)) return;
  const auto now = [](const char* kind, const std::vector<DatabaseName>& names) {
    return names.empty()
               ? std::string()
               : fmt::format("{} is called {} now", kind, printable(names.front().text()));
  };
  const std::string both = !found.databases.empty() && !found.roles.empty() ? ", " : "";
  draft.add(RenameBack{at, only(found.databases), only(found.roles)},
            now("it", found.databases) + both + now("its role", found.roles), true);
}

std::string list_of(const std::vector<DatabaseName>& names) {
  std::string text;
  for (const DatabaseName& name : names)
    text += (text.empty() ? "" : ", ") + printable(name.text());
  return text;
}

}  // namespace

Strays strays_of(const Sight& sight, const InstanceName& instance, const Place& place) {
  const Contents* contents = sight.contents(instance);
  if (!contents) return {};
  return {strayed_from(contents->databases, place), strayed_from(contents->roles, place)};
}

void plan_strays(const Desired& desired, const Sight& sight, Draft& draft) {
  for (const WantedHome& home : desired.homes)
    for (const Wanted& wanted : home.databases) plan_rename(wanted, sight, draft);
}

std::optional<std::string> lost_production(const Subject& subject, const DatabaseName& name) {
  const Wanted& wanted = subject.wanted;
  const auto several = strays_of(subject.sight, wanted.instance, wanted.place);
  const std::string where = wanted.instance.text();
  if (several.any())
    return fmt::format(
        "what {} was on {} is called {} now; bough changes nothing there: give it its name back "
        "(ALTER DATABASE or ALTER ROLE … RENAME TO \"{}\")",
        name.text(), where, list_of(several.databases.empty() ? several.roles : several.databases),
        name.text());
  if (!is_production(wanted.place.home.environment)) return std::nullopt;
  const Observed& world = subject.sight.observed();
  if (world.accepted.contains({subject.home.home, subject.home.commit})) return std::nullopt;
  const SeenRole* role = subject.sight.role(wanted.instance, name.text());
  const bool opened = role && role->mark && role->mark->opened;
  if (!opened && !world.used.contains(wanted.place)) return std::nullopt;
  return fmt::format(
      "the production database {} on {} is gone ({}); bough makes no empty one in its place: "
      "restore it under that name, then bough adopt; or begin anew with bough retry {} --branch {}",
      name.text(), where,
      opened ? "its role is still there" : "migrations ran in it, as the journal knows",
      wanted.place.home.repository.text(), printable(subject.home.branch.text()));
}

void note_copies(const Subject& subject, Draft& draft) {
  const Contents* contents = subject.sight.contents(subject.wanted.instance);
  if (!contents) return;
  for (const auto& [name, database] : contents->databases) {
    if (!database.strayed || database.strayed->place != subject.wanted.place ||
        !contents->databases.contains(database.strayed->name.text()))
      continue;
    draft.plan.diagnostics.push_back(
        {address(subject.wanted.place),
         {},
         Severity::warning,
         "copied-note",
         fmt::format("database {} on {} bears a copy of the note of {}; it is not believed",
                     printable(name), subject.wanted.instance.text(),
                     database.strayed->name.text()),
         "remove the comment of that database"});
  }
}

}  // namespace bough::planner
