#include "reconciler/restoration.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace bough {
namespace {

/// All that there is of one place.
struct Remains {
  std::optional<Ours> in_place;
  std::vector<Ours> aside;  ///< newest first
  std::vector<Dump> dumps;  ///< newest first
};

Instant held_since(const Ours& database) {
  const auto* held = std::get_if<Held>(&database.mark.standing);
  return held ? held->since : Instant{};
}

bool is_meant(const Wish& wish, const Place& place) {
  return place.home.repository == wish.repository && place.home.environment == wish.environment &&
         (!wish.component || place.component == *wish.component);
}

std::map<Place, Remains> remains_of(const Wish& wish, const Observed& observed,
                                    const std::vector<Dump>& dumps) {
  std::map<Place, Remains> all;
  for (const Ours& one : ours(observed, wish.repository, {wish.environment}))
    if (is_meant(wish, one.at.place)) all[one.at.place].in_place = one;
  for (const Ours& one : set_aside(observed, wish.repository, {wish.environment}))
    if (is_meant(wish, one.at.place)) all[one.at.place].aside.push_back(one);
  for (const Dump& dump : dumps)
    if (is_meant(wish, dump.mark.place)) all[dump.mark.place].dumps.push_back(dump);
  for (auto& [place, remains] : all)
    std::sort(remains.aside.begin(), remains.aside.end(),
              [](const Ours& a, const Ours& b) { return held_since(b) < held_since(a); });
  return all;
}

const Contents* contents_of(const Observed& observed, const InstanceName& instance) {
  const auto found = observed.instances.find(instance);
  return found == observed.instances.end() ? nullptr : std::get_if<Contents>(&found->second);
}

/// The login that a place's databases on a server belong to.
const SeenRole* role_of(const Observed& observed, const InstanceName& instance,
                        const Place& place) {
  const Contents* contents = contents_of(observed, instance);
  if (!contents) return nullptr;
  for (const auto& [name, role] : contents->roles)
    if (role.mark && role.mark->place == place &&
        !std::holds_alternative<Scratch>(role.mark->standing))
      return &role;
  return nullptr;
}

/// What takes the place, and where.
struct Return {
  const Wish& wish;
  const Observed& observed;
  const Remains& remains;
  Target from;  ///< aside, or the scratch copy; of a dump its name is still to be found
  Mark was;          ///< its mark so far
  std::string dump;  ///< empty: it is there already
  Instant now;
};

Result<DatabaseName> name_of(const Return& back) {
  if (back.remains.in_place) return back.remains.in_place->at.name;
  if (const SeenRole* role = role_of(back.observed, back.from.instance, back.from.place))
    return role->mark->name;
  const Contents* contents = contents_of(back.observed, back.from.instance);
  for (const Rank rank : {Rank::first, Rank::further}) {
    DatabaseName name = physical_name(back.from.place, rank);
    if (!contents->databases.contains(name.text()) && !contents->roles.contains(name.text()))
      return name;
  }
  return Error{Fault::refused, fmt::format("the name {} on {} is taken by another database",
                                           physical_name(back.from.place, Rank::first).text(),
                                           back.from.instance.text())};
}

Step set_aside_step(const Ours& database, const Observed& observed, Instant now,
                    const char* because) {
  Mark aside = database.mark;
  aside.name = free_aside_name(database.at, observed);
  aside.standing = Held{now, false, true};
  aside.renewed.reset();
  return {SetAside{database.at, aside},
          fmt::format("{}; the database so far is kept as {}", because, aside.name.text()), false};
}

Result<std::vector<Step>> take_place(Return back) {
  const Contents* contents = contents_of(back.observed, back.from.instance);
  if (!contents)
    return Error{Fault::unavailable,
                 fmt::format("instance {} does not answer", back.from.instance.text())};
  const auto& present = back.remains.in_place;
  if (present && present->at.instance != back.from.instance)
    return Error{Fault::refused,
                 fmt::format("it is on {}, and the database in use is on {}",
                             back.from.instance.text(), present->at.instance.text())};
  auto name = name_of(back);
  if (!name) return name.error();
  constexpr const char* kBecause = "bough restore";
  const SeenRole* role = role_of(back.observed, back.from.instance, back.from.place);
  const Target at{back.from.instance, back.from.place, *name};
  std::vector<Step> steps;
  if (!role) steps.push_back({CreateRole{at, back.wish.limits}, kBecause, false});
  if (!back.dump.empty()) {
    back.from.name = scratch_name(*name);
    steps.push_back({FillDatabase{back.from, back.dump}, kBecause, false});
  }
  if (present) steps.push_back(set_aside_step(*present, back.observed, back.now, kBecause));
  Mark mark = back.was;
  mark.name = at.name;
  mark.generation = role ? role->mark->generation : 1;
  mark.standing = Active{};
  mark.opened = true;
  mark.renewed = back.now;
  steps.push_back({PutInPlace{back.from, mark}, kBecause, false});
  return steps;
}

Result<std::vector<Step>> from_aside(const Wish& wish, const Observed& observed,
                                     const Remains& remains, const Ours& aside, Instant now) {
  return take_place({wish, observed, remains, aside.at, aside.mark, "", now});
}

/// Where what is in use is, else where it was dumped.
Result<std::vector<Step>> from_dump(const Wish& wish, const Observed& observed,
                                    const Remains& remains, const Dump& dump, Instant now) {
  const InstanceName& instance = remains.in_place ? remains.in_place->at.instance : dump.instance;
  return take_place({wish,
                     observed,
                     remains,
                     {instance, dump.mark.place, dump.mark.name},
                     dump.mark,
                     dump.id,
                     now});
}

Result<std::vector<Step>> bring_back(const Wish& wish, const Observed& observed,
                                     const Remains& remains, Instant now) {
  if (remains.in_place) {
    if (std::holds_alternative<Active>(remains.in_place->mark.standing))
      return Error{
          Fault::refused,
          fmt::format("{} is in use; name what is to take its place with --aside or --dump",
                      printable(remains.in_place->at.name.text()))};
    return resumption({*remains.in_place}, now);
  }
  if (!remains.aside.empty())
    return from_aside(wish, observed, remains, remains.aside.front(), now);
  return from_dump(wish, observed, remains, remains.dumps.front(), now);
}

Result<std::vector<Step>> bring_back_named(const Wish& wish, const Observed& observed,
                                           const std::map<Place, Remains>& all, Instant now) {
  for (const auto& [place, remains] : all) {
    for (const Ours& aside : remains.aside)
      if (aside.at.name.text() == wish.aside)
        return from_aside(wish, observed, remains, aside, now);
    for (const Dump& dump : remains.dumps)
      if (dump.id == wish.dump) return from_dump(wish, observed, remains, dump, now);
  }
  return Error{Fault::missing,
               fmt::format("{} has no {} {}; bough dumps lists what there is",
                           title(wish.environment), wish.dump.empty() ? "database" : "dump",
                           printable(wish.dump.empty() ? wish.aside : wish.dump))};
}

}  // namespace

DatabaseName free_aside_name(const Target& at, const Observed& observed) {
  const Contents* contents = contents_of(observed, at.instance);
  for (int number = 1;; ++number) {
    DatabaseName name = aside_name(at.name, number);
    if (!contents || !contents->databases.contains(name.text())) return name;
  }
}

Result<std::vector<Step>> restoration(const Wish& wish, const Observed& observed,
                                      const std::vector<Dump>& dumps, Instant now) {
  const auto all = remains_of(wish, observed, dumps);
  const bool named = !wish.dump.empty() || !wish.aside.empty();
  if (is_production(wish.environment) && named)
    return Error{Fault::refused, "nothing takes the place of a production database"};
  if (all.empty())
    return Error{Fault::missing,
                 fmt::format("there is nothing left of {}", title(wish.environment))};
  if (named) return bring_back_named(wish, observed, all, now);
  std::vector<Step> steps;
  for (const auto& [place, remains] : all) {
    auto some = bring_back(wish, observed, remains, now);
    if (!some && all.size() == 1) return some;
    if (some) steps.insert(steps.end(), some->begin(), some->end());
  }
  return steps;
}

Result<std::vector<Step>> renewal(const std::vector<Ours>& databases, const Observed& observed,
                                  Instant now) {
  std::vector<Step> steps;
  for (const Ours& database : databases) {
    const std::string name = printable(database.at.name.text());
    if (is_production(database.at.place.home.environment))
      return Error{Fault::refused, "a production database is never made anew"};
    if (!std::holds_alternative<Active>(database.mark.standing))
      return Error{Fault::refused, fmt::format("{} is {}; bough resume gives it back first", name,
                                               word_of(database.mark.standing))};
    steps.push_back(set_aside_step(database, observed, now, "bough reset"));
  }
  if (steps.empty()) return Error{Fault::missing, "there is no such database"};
  return steps;
}

}  // namespace bough
