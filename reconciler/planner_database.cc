#include <fmt/format.h>

#include "reconciler/planner_parts.h"
#include "reconciler/planner_upkeep.h"

namespace bough::planner {
namespace {

std::string asked(const Subject& subject) {
  return fmt::format("{} asks for database {}", title(subject.home.home.environment),
                     subject.wanted.place.component.text());
}

Mark fresh_mark(const Target& at, int generation) {
  Mark mark{at.place, at.name, generation, Active{}, std::nullopt};
  mark.opened = true;
  return mark;
}

/// Remembers where the database will be, for its migrations.
void settle(Draft& draft, const Target& at, const Mark& mark) {
  draft.targets.insert_or_assign(at.place, at);
  draft.marks.insert_or_assign(at.place, mark);
}

/// Whether a database of another environment of the app has the name: its branch was called so
/// once.
bool was_renamed_away(const Subject& subject, const DatabaseName& name) {
  const Contents* contents = subject.sight.contents(subject.wanted.instance);
  if (!contents) return false;
  const auto taken = contents->databases.find(name.text());
  if (taken == contents->databases.end() || !taken->second.mark) return false;
  const Home& theirs = taken->second.mark->place.home;
  const Home& ours = subject.home.home;
  return theirs.repository == ours.repository && theirs.app == ours.app &&
         theirs.environment != ours.environment;
}

/// A name that no rule gives, for a place whose own is taken.
DatabaseName other_name(const Subject& subject, const DatabaseName& name) {
  constexpr int kFirst = 1000;  // past those of databases that were set aside
  const InstanceName& instance = subject.wanted.instance;
  const Contents* contents = subject.sight.contents(instance);
  for (int number = kFirst;; ++number) {
    DatabaseName other = aside_name(name, number);
    const bool free = !contents->databases.contains(other.text()) ||
                      subject.sight.half_created(instance, other.text(), subject.wanted.place);
    if (free && !subject.sight.foreign_role(instance, other.text(), subject.wanted.place))
      return other;
  }
}

/// The short name unless another component of the same home has it from earlier.
DatabaseName rule_name(const Subject& subject) {
  const Wanted& wanted = subject.wanted;
  const DatabaseName name = physical_name(wanted.place, wanted.rank);
  const Contents* contents = subject.sight.contents(wanted.instance);
  if (!contents) return name;
  const auto taken = contents->databases.find(name.text());
  const bool by_sibling = taken != contents->databases.end() && taken->second.mark &&
                          taken->second.mark->place.home == wanted.place.home;
  return by_sibling ? physical_name(wanted.place, Rank::further) : name;
}

DatabaseName name_for(const Subject& subject) {
  DatabaseName name = rule_name(subject);
  return was_renamed_away(subject, name) ? other_name(subject, name) : name;
}

/// Why the name cannot be used, if so.
std::optional<std::string> name_conflict(const Subject& subject, const Target& at,
                                         const Draft& draft) {
  const auto claimed = draft.names.find({at.instance, at.name.text()});
  if (claimed != draft.names.end() && claimed->second != at.place)
    return fmt::format("the name {} on {} is already planned for {}", at.name.text(),
                       at.instance.text(), address(claimed->second));
  const Contents* contents = subject.sight.contents(at.instance);
  if (!contents) return std::nullopt;
  const auto database = contents->databases.find(at.name.text());
  if (database != contents->databases.end() &&
      !subject.sight.half_created(at.instance, at.name.text(), at.place)) {
    const auto& mark = database->second.mark;
    if (!mark && subject.sight.role(at.instance, at.name.text()) &&
        !subject.sight.foreign_role(at.instance, at.name.text(), at.place))
      return fmt::format(
          "database {} on {} (owner {}) has lost the note by which bough knows it, and its role "
          "has "
          "not: somebody changed or removed it; bough adopt takes it back",
          at.name.text(), at.instance.text(), database->second.owner);
    return mark ? fmt::format("database {} on {} belongs to {}", at.name.text(), at.instance.text(),
                              address(mark->place))
                : fmt::format(
                      "database {} on {} exists and is not bough's (owner {}); rename or "
                      "drop it, or adopt it by command",
                      at.name.text(), at.instance.text(), database->second.owner);
  }
  if (subject.sight.foreign_role(at.instance, at.name.text(), at.place))
    return fmt::format(
        "role {} on {} exists and is not bough's for this database; rename or drop it",
        at.name.text(), at.instance.text());
  return std::nullopt;
}

int generation_of(const SeenRole* role) {
  return role && role->mark ? role->mark->generation : 1;
}

/// The role and the database, from what is kept ready or from nothing. False: refused.
bool make(const Subject& subject, const Target& at, const SeenRole* role, Draft& draft) {
  const Mark mark = fresh_mark(at, generation_of(role));
  const Limits& limits = subject.wanted.limits;
  const std::string because = asked(subject);
  const auto with = [&](const std::string& more) {
    return more.empty() ? because : because + "; " + more;
  };
  return std::visit(
      Match{[&](const FromStock& from) {
              draft.add(CopyDatabase{at, mark, limits, from.stock, from.spare}, with(from.because));
              return true;
            },
            [&](const FromNothing& nothing) {
              if (!role) draft.add(CreateRole{at, limits}, because);
              draft.add(CreateDatabase{at}, with(nothing.because));
              draft.add(GrantAccess{at, mark}, because);
              return true;
            },
            [&](const NoOrigin& none) {
              draft.refuse(at.place, none.reason);
              return false;
            }},
      origin_of(subject.wanted, at, subject.sight, draft));
}

/// What CreateDatabase left goes on; nothing but an empty database is made by it.
void finish(const Subject& subject, const Target& at, const SeenDatabase& half, Draft& draft) {
  const SeenRole* role = subject.sight.role(at.instance, at.name.text());
  if (!role) draft.add(CreateRole{at, subject.wanted.limits}, asked(subject));
  draft.add(GrantAccess{at, fresh_mark(at, generation_of(role)), half.guests},
            "its creation was interrupted");
}

/// Whether a new database would have something in it.
bool begins_with_copy(const Subject& subject) {
  return subject.wanted.copies.what != Copy::none &&
         !is_production(subject.wanted.place.home.environment);
}

bool create(const Subject& subject, Draft& draft) {
  const Target at{subject.wanted.instance, subject.wanted.place, name_for(subject)};
  if (auto lost = lost_production(subject, at.name)) {
    draft.alarm(at.place, *lost);
    return false;
  }
  if (auto conflict = name_conflict(subject, at, draft)) {
    draft.refuse(at.place, *conflict);
    return false;
  }
  draft.names.emplace(std::pair(at.instance, at.name.text()), at.place);
  const SeenRole* role = subject.sight.role(at.instance, at.name.text());
  const Contents* contents = subject.sight.contents(at.instance);
  const auto* half = contents && contents->databases.contains(at.name.text())
                         ? &contents->databases.at(at.name.text())
                         : nullptr;
  const bool useless = half && (half->broken || begins_with_copy(subject));
  if (useless)
    draft.add(DropDatabase{at}, half->broken ? "an interrupted drop left it unusable"
                                             : "its creation was interrupted");
  if (half && !useless)
    finish(subject, at, *half, draft);
  else if (!make(subject, at, role, draft))
    return false;
  Mark mark = fresh_mark(at, generation_of(role));
  plan_earlier_role(subject, at, draft);
  plan_equipment(subject, at, mark, draft);
  settle(draft, at, mark);
  return true;
}

/// Puts back what is missing around an existing database; its mark by then.
Mark repair(const Subject& subject, const Target& at, const SeenDatabase& database, Draft& draft) {
  const SeenRole* role = subject.sight.role(at.instance, at.name.text());
  Mark mark = *database.mark;
  mark.standing = Active{};
  const bool back = !std::holds_alternative<Active>(database.mark->standing);
  if (!role) {
    mark.generation = 1;
    draft.add(CreateRole{at, subject.wanted.limits}, "the role is gone", true);
  } else if (back) {
    draft.add(SetStanding{at, mark}, fmt::format("{} again ({} since then)", asked(subject),
                                                 word_of(database.mark->standing)));
  }
  const bool locked_out = role && !role->can_login && !back;
  if (!role || locked_out || database.public_access || !database.open)
    draft.add(GrantAccess{at, mark},
              !role                    ? "the role is gone"
              : database.public_access ? "everybody may connect"
              : locked_out             ? "the role may not log in"
                                       : "the database refuses connections",
              true);
  return mark;
}

/// What an interrupted drop left is useless: a branch starts anew, production asks.
bool replace_broken(const Subject& subject, const Target& at, Draft& draft) {
  if (is_production(at.place.home.environment)) {
    draft.refuse(at.place, fmt::format("database {} was left unusable by an interrupted drop; "
                                       "finish it with bough destroy, or restore it",
                                       at.name.text()));
    return false;
  }
  const SeenRole* role = subject.sight.role(at.instance, at.name.text());
  draft.add(DropDatabase{at}, "an interrupted drop left it unusable");
  if (!make(subject, at, role, draft)) return false;
  Mark mark = fresh_mark(at, generation_of(role));
  plan_earlier_role(subject, at, draft);
  plan_equipment(subject, at, mark, draft);
  settle(draft, at, mark);
  return true;
}

bool keep(const Subject& subject, const Seen& seen, Draft& draft) {
  const Target at{seen.instance, subject.wanted.place, seen.name};
  if (subject.sight.foreign_role(at.instance, at.name.text(), at.place)) {
    draft.refuse(at.place, fmt::format("role {} on {} is not bough's; rename or drop it",
                                       at.name.text(), at.instance.text()));
    return false;
  }
  if (seen.database->broken) return replace_broken(subject, at, draft);
  if (std::holds_alternative<Suspended>(seen.database->mark->standing)) return false;
  if (is_production(at.place.home.environment) &&
      strays_of(subject.sight, at.instance, at.place).any()) {
    draft.alarm(at.place, *lost_production(subject, at.name));
    return false;
  }
  note_copies(subject, draft);
  Mark mark = repair(subject, at, *seen.database, draft);
  const bool fit = plan_upkeep(subject, seen, mark, draft);
  settle(draft, at, mark);
  return fit;
}

/// A production database is never made anew beside an existing one.
bool lives_elsewhere(const Subject& subject, Draft& draft) {
  const Place& place = subject.wanted.place;
  if (!is_production(place.home.environment)) return false;
  for (const Seen& seen : subject.sight.everywhere(place)) {
    if (seen.instance == subject.wanted.instance) continue;
    draft.refuse(
        place, fmt::format("the production database is {} on {}, and {} is asked for now; moving "
                           "it is no matter of a push: put the old version or instance back, or "
                           "use bough upgrade or bough promote",
                           seen.name.text(), seen.instance.text(), subject.wanted.instance.text()));
    return true;
  }
  return false;
}

void note_version(const Subject& subject, const Contents& contents, Draft& draft) {
  const std::string& version = subject.wanted.version;
  if (version.empty() || version == std::to_string(contents.version)) return;
  draft.plan.diagnostics.push_back(
      {address(subject.wanted.place),
       {},
       Severity::warning,
       "other-version",
       fmt::format("version {} is asked for, {} is version {}", version,
                   subject.wanted.instance.text(), contents.version),
       "change the version, or the repository's instance"});
}

}  // namespace

bool plan_database(const Wanted& wanted, const WantedHome& home, const Sight& sight, Draft& draft) {
  const Subject subject{wanted, home, sight};
  const SeenInstance* seen = sight.instance(wanted.instance);
  if (lives_elsewhere(subject, draft)) return false;
  const auto refuse = [&](const std::string& reason) {
    draft.refuse(wanted.place, reason);
    return false;
  };
  if (!seen) return refuse(fmt::format("instance {} was not looked at", wanted.instance.text()));
  return std::visit(Match{[&](const Unreachable& gone) {
                            return refuse(fmt::format(
                                "instance {} did not answer, so nothing is changed there: {}",
                                wanted.instance.text(), gone.reason));
                          },
                          [&](const Unavailable& none) { return refuse(none.reason); },
                          [&](const NotCreated& dev) {
                            const bool created = create(subject, draft);
                            if (created) draft.to_start.emplace(wanted.instance, dev.version);
                            return created;
                          },
                          [&](const Contents& contents) {
                            note_version(subject, contents, draft);
                            const auto found = sight.find(wanted.instance, wanted.place);
                            return found ? keep(subject, *found, draft) : create(subject, draft);
                          }},
                    *seen);
}

}  // namespace bough::planner
