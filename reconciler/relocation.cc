#include "reconciler/relocation.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/manual.h"
#include "spec/dump.h"

namespace bough {
namespace {

const Contents* contents_of(const Observed& observed, const InstanceName& instance) {
  const auto seen = observed.instances.find(instance);
  return seen == observed.instances.end() ? nullptr : std::get_if<Contents>(&seen->second);
}

std::vector<Ours> of_place(std::vector<Ours> databases, const Place& place) {
  std::erase_if(databases, [&](const Ours& one) { return one.at.place != place; });
  return databases;
}

/// The places' databases: those in place on the instance and elsewhere, and those aside.
struct Whereabouts {
  std::vector<Ours> here;
  std::vector<Ours> elsewhere;
  std::vector<Ours> aside;
};

Whereabouts whereabouts(const Observed& observed, const Place& place, const InstanceName& to) {
  const RepositoryName& repository = place.home.repository;
  const std::set<Environment> environments{place.home.environment};
  Whereabouts found;
  for (Ours& one : of_place(ours(observed, repository, environments), place))
    (one.at.instance == to ? found.here : found.elsewhere).push_back(std::move(one));
  found.aside = of_place(set_aside(observed, repository, environments), place);
  return found;
}

Step standing(const Ours& database, Standing standing, std::string because) {
  Mark mark = database.mark;
  mark.standing = std::move(standing);
  return {SetStanding{database.at, mark}, std::move(because), false};
}

/// The command that drops just this one.
std::string destroy(const Target& at) {
  return fmt::format("bough destroy {} --instance {} --confirm {}", at.place.home.repository.text(),
                     at.instance.text(), printable(at.name.text()));
}

Step leave(const Ours& old, const InstanceName& to, Instant now) {
  const Home& home = old.at.place.home;
  const std::string until = is_production(home.environment)
                                ? destroy(old.at)
                                : fmt::format("bough confirm {}", home.repository.text());
  return standing(old, Held{now, true, true},
                  fmt::format("it is on {} now; kept until {}", to.text(), until));
}

Error refused(std::string why) {
  return {Fault::refused, std::move(why)};
}

/// What is in the way on the server that it is to move to, if anything.
std::optional<Error> obstacle(const Observed& observed, const Ours& from, const InstanceName& to) {
  const Contents* there = contents_of(observed, to);
  const Contents* here = contents_of(observed, from.at.instance);
  if (!there || !here)
    return Error{Fault::unavailable,
                 fmt::format("instance {} did not answer", (there ? from.at.instance : to).text())};
  const std::string& name = from.at.name.text();
  if (there->version < here->version)
    return refused(fmt::format("{} is version {}, and {} is {}: data moves to newer versions only",
                               from.at.instance.text(), here->version, to.text(), there->version));
  if (there->databases.contains(name))
    return refused(
        fmt::format("a database {} is on {} already; rename or drop it, or, if it is "
                    "what an earlier move left, {}",
                    printable(name), to.text(), destroy({to, from.at.place, from.at.name})));
  const auto role = there->roles.find(name);
  if (role != there->roles.end() &&
      !(role->second.mark && role->second.mark->place == from.at.place))
    return refused(fmt::format("role {} on {} is not bough's for this database; rename or drop it",
                               printable(name), to.text()));
  return std::nullopt;
}

std::vector<Step> whole(const Observed& observed, const Ours& from, const Relocation& asked,
                        Instant now) {
  const InstanceName& to = asked.to;
  const std::string because = fmt::format("{} moves from {} to {}", from.at.name.text(),
                                          from.at.instance.text(), to.text());
  const Target there{to, from.at.place, from.at.name};
  const Target scratch{to, from.at.place, scratch_name(from.at.name)};
  Ours quiet = from;
  if (std::holds_alternative<Active>(from.mark.standing)) quiet.mark.standing = Suspended{now};
  Mark arrived = from.mark;
  arrived.standing = Active{};
  arrived.generation = 1;
  std::vector<Step> steps;
  // First: by its role there, what a killed move withdrew is told from what a person suspended.
  if (!contents_of(observed, to)->roles.contains(from.at.name.text()))
    steps.push_back({CreateRole{there, asked.limits}, because});
  if (quiet.mark != from.mark)
    steps.push_back(
        standing(from, quiet.mark.standing, because + "; nobody may change it meanwhile"));
  steps.push_back({DumpDatabase{quiet.at, quiet.mark}, because});
  steps.push_back({FillDatabase{scratch, dump_id(from.at.instance, quiet.mark)}, because});
  steps.push_back({PutInPlace{scratch, arrived}, because});
  steps.push_back(leave(quiet, to, now));
  return steps;
}

}  // namespace

Result<std::vector<Step>> steps_of(const Relocation& asked, const Observed& observed, Instant now) {
  const Place& place = asked.place;
  const InstanceName& to = asked.to;
  const Whereabouts found = whereabouts(observed, place, to);
  if (found.elsewhere.size() > 1)
    return refused(fmt::format("{} has databases on {} and on {}", address(place),
                               found.elsewhere[0].at.instance.text(),
                               found.elsewhere[1].at.instance.text()));
  if (found.elsewhere.empty()) {
    if (!found.here.empty()) return std::vector<Step>();
    return Error{Fault::missing, fmt::format("{} has no database", address(place))};
  }
  const Ours& from = found.elsewhere.front();
  const bool withdrawn = std::holds_alternative<Suspended>(from.mark.standing);
  if (!found.here.empty()) {
    if (withdrawn) return std::vector<Step>{leave(from, to, now)};
    return refused(
        fmt::format("{} has a database on {} and one on {}; drop the one that is not wanted: {} or "
                    "{}",
                    address(place), from.at.instance.text(), to.text(), destroy(from.at),
                    destroy(found.here.front().at)));
  }
  if (!withdrawn && !std::holds_alternative<Active>(from.mark.standing))
    return refused(
        fmt::format("database {} is {}", from.at.name.text(), word_of(from.mark.standing)));
  if (auto wrong = obstacle(observed, from, to)) return *wrong;
  if (withdrawn && !contents_of(observed, to)->roles.contains(from.at.name.text()))
    return refused(
        fmt::format("database {} is suspended, and a move would give its login back: "
                    "bough resume it first",
                    printable(from.at.name.text())));
  return whole(observed, from, asked, now);
}

Result<std::vector<Step>> steps_back(const Observed& observed, const Place& place, Instant now) {
  const std::set<Environment> environments{place.home.environment};
  const auto here = of_place(ours(observed, place.home.repository, environments), place);
  const auto aside = of_place(set_aside(observed, place.home.repository, environments), place);
  // What a move left has the name of the place still; what a rewritten history left has not.
  const auto old = std::find_if(aside.begin(), aside.end(), [&](const Ours& one) {
    return here.size() == 1 && one.at.name == here.front().at.name &&
           one.at.instance != here.front().at.instance;
  });
  if (old == aside.end())
    return Error{Fault::missing, fmt::format("no move of {} can be taken back", address(place))};
  const std::string because =
      fmt::format("the move to {} is taken back", here.front().at.instance.text());
  return std::vector<Step>{standing(here.front(), Held{now, true, true}, because),
                           standing(*old, Active{}, because)};
}

std::vector<Step> steps_after_failure(const Relocation& asked, const Observed& observed) {
  const Whereabouts found = whereabouts(observed, asked.place, asked.to);
  if (!found.here.empty() || found.elsewhere.size() != 1) return {};
  const Ours& from = found.elsewhere.front();
  const std::string because = "its move failed";
  std::vector<Step> steps;
  if (std::holds_alternative<Suspended>(from.mark.standing))
    steps.push_back(standing(from, Active{}, because));
  const Contents* there = contents_of(observed, asked.to);
  if (!there) return steps;
  for (const DatabaseName& name : {scratch_name(from.at.name), from.at.name}) {
    const Target at{asked.to, asked.place, name};
    const auto database = there->databases.find(name.text());
    const auto role = there->roles.find(name.text());
    const bool scratch = database != there->databases.end() && database->second.mark &&
                         std::holds_alternative<Scratch>(database->second.mark->standing);
    if (scratch) steps.push_back({DropDatabase{at}, because});
    const bool ours =
        role != there->roles.end() && role->second.mark && role->second.mark->place == asked.place;
    if (ours && (scratch || database == there->databases.end()))
      steps.push_back({DropRole{at}, because});
  }
  return steps;
}

}  // namespace bough
