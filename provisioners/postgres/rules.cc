#include "provisioners/postgres/rules.h"

#include <fmt/format.h>

#include "provisioners/postgres/quote.h"

namespace bough::postgres {
namespace {

bool marked_for(const std::optional<Mark>& mark, const Target& at) {
  return mark && mark->place == at.place;
}

bool our_role(const Facts& facts, const Target& at) {
  return facts.role && marked_for(facts.role->mark, at);
}

/// A database between CreateDatabase and GrantAccess has no mark; its owner tells whose it is.
bool our_database(const Facts& facts, const Target& at) {
  if (!facts.database) return false;
  if (facts.database->mark) return marked_for(facts.database->mark, at);
  return facts.database->owner == at.name.text() && our_role(facts, at);
}

Error not_ours(std::string_view kind, const Target& at, const std::optional<Mark>& mark) {
  const std::string whose = mark ? "belongs to " + address(mark->place) : "is not bough's";
  return {Fault::refused,
          fmt::format("{} {} {}, so it is not touched", kind, printable(at.name.text()), whose)};
}

Error gone(std::string_view kind, const Target& at) {
  return {Fault::stale,
          fmt::format("{} {} is not there any more", kind, printable(at.name.text()))};
}

Result<void> need_role(const Facts& facts, const Target& at) {
  if (!facts.role) return gone("role", at);
  if (!our_role(facts, at)) return not_ours("role", at, facts.role->mark);
  return {};
}

Result<void> need_database(const Facts& facts, const Target& at) {
  if (!facts.database) return gone("database", at);
  if (!our_database(facts, at)) return not_ours("database", at, facts.database->mark);
  return {};
}

}  // namespace

std::string join_role(const DatabaseName& role, int version) {
  return fmt::format("GRANT {} TO CURRENT_USER{};", identifier(role.text()),
                     version >= 16 ? " WITH INHERIT TRUE, SET TRUE" : "");
}

Result<bool> may_be_made(const CopyDatabase& copy, const Facts& facts) {
  if (facts.role && !our_role(facts, copy.at)) return not_ours("role", copy.at, facts.role->mark);
  if (!facts.database) return true;
  if (!our_database(facts, copy.at)) return not_ours("database", copy.at, facts.database->mark);
  if (facts.database->mark && facts.database->open && !facts.database->broken) return false;
  return Error{Fault::stale, fmt::format("database {} is there, and was not finished",
                                         printable(copy.at.name.text()))};
}

Result<Statements> writes(const CreateRole& create, const Facts& facts, int version,
                          const Fill& fill) {
  if (facts.role && !our_role(facts, create.at))
    return not_ours("role", create.at, facts.role->mark);
  const Fill whole{fill.verifier, fill.mark, version};
  Statements all =
      facts.role ? renewal(create, whole, facts.role->elevated) : statements(create, whole);
  if (!facts.superuser) all.push_back(join_role(create.at.name, version));
  return all;
}

Result<Statements> writes(const CreateDatabase& create, const Facts& facts) {
  if (auto role = need_role(facts, create.at); !role) return role.error();
  if (!facts.database) return statements(create);
  if (auto ours = need_database(facts, create.at); !ours) return ours.error();
  if (facts.database->broken)
    return Error{Fault::stale, fmt::format("database {} was left unusable by an interrupted drop",
                                           printable(create.at.name.text()))};
  return Statements{};
}

Result<Statements> writes(const GrantAccess& grant, const Facts& facts, const std::string& mark,
                          const std::function<std::string()>& verifier) {
  if (auto role = need_role(facts, grant.at); !role) return role.error();
  if (auto database = need_database(facts, grant.at); !database) return database.error();
  const bool other_password = facts.role->mark->generation != grant.mark.generation;
  return statements(grant, {other_password ? verifier() : "", mark});
}

Result<Statements> writes(const SetStanding& set, const Facts& facts, const Fill& fill) {
  if (auto database = need_database(facts, set.at); !database) return database.error();
  const bool opens = std::holds_alternative<Active>(set.mark.standing);
  // Without a role there is no login to withdraw; the database must still be marked.
  if (!facts.role && !opens) return Statements{mark_database(set.at.name, fill.mark)};
  if (auto role = need_role(facts, set.at); !role) return role.error();
  return statements(set, fill);
}

Result<Statements> writes(const SetAside& set, const Facts& facts, const Fill& fill) {
  if (!facts.database) return gone("database", set.at);
  if (is_production(set.at.place.home.environment))
    return Error{Fault::refused, "a production database is never set aside"};
  if (!marked_for(facts.database->mark, set.at))
    return not_ours("database", set.at, facts.database->mark);
  if (auto role = need_role(facts, set.at); !role) return role.error();
  return statements(set, fill);
}

Result<Statements> writes(const RestrictRole& to, const Facts& facts, int version) {
  if (auto role = need_role(facts, to.at); !role) return role.error();
  if (auto database = need_database(facts, to.at); !database) return database.error();
  return statements(to, version, facts.role->elevated);
}

Result<Statements> writes(const SetPassword& set, const Facts& facts, const Fill& fill) {
  if (auto role = need_role(facts, set.at); !role) return role.error();
  if (auto database = need_database(facts, set.at); !database) return database.error();
  if (facts.role->mark->generation > set.mark.generation)
    return Error{Fault::stale, fmt::format("role {} has a newer password already",
                                           printable(set.at.name.text()))};
  return statements(set, fill);
}

Result<Statements> writes(const MakeExtensions& make, const Facts& facts, const std::string& mark) {
  if (auto role = need_role(facts, make.at); !role) return role.error();
  return writes(make.at, facts, mark);
}

Result<void> may_rename_role(const RenameBack& back, const Facts& now, const Facts& then) {
  if (then.role)
    return Error{Fault::stale,
                 fmt::format("there is a role {} again", printable(back.at.name.text()))};
  if (now.role && marked_for(now.role->strayed, back.at) && now.role->strayed->name == back.at.name)
    return {};
  return now.role ? not_ours("role", {back.at.instance, back.at.place, *back.role}, {})
                  : gone("role", {back.at.instance, back.at.place, *back.role});
}

Result<void> may_rename_database(const RenameBack& back, const Facts& now, const Facts& then) {
  if (then.database)
    return Error{Fault::stale,
                 fmt::format("there is a database {} again", printable(back.at.name.text()))};
  if (now.database && marked_for(now.database->strayed, back.at) &&
      now.database->strayed->name == back.at.name)
    return {};
  return now.database ? not_ours("database", {back.at.instance, back.at.place, *back.database}, {})
                      : gone("database", {back.at.instance, back.at.place, *back.database});
}

Result<void> stands_so(const Target& at, const Mark& mark, const Facts& facts) {
  if (!facts.database) return gone("database", at);
  if (facts.database->mark == mark) return {};
  return Error{Fault::stale, fmt::format("database {} is not {} any more as it was; look again",
                                         printable(at.name.text()), word_of(mark.standing))};
}

Result<Statements> writes(const PutInPlace& put, const Facts& facts, const Facts& then,
                          const Fill& fill) {
  const Target there{put.at.instance, put.at.place, put.mark.name};
  if (!facts.database) return gone("database", put.at);
  if (!marked_for(facts.database->mark, put.at))
    return not_ours("database", put.at, facts.database->mark);
  if (is_production(put.at.place.home.environment) &&
      !std::holds_alternative<Scratch>(facts.database->mark->standing))
    return Error{Fault::refused, "nothing takes the place of a production database"};
  if (in_place(facts.database->mark->standing))
    return Error{Fault::stale, printable(put.at.name.text()) + " is in its place already"};
  if (then.database)
    return Error{Fault::stale,
                 fmt::format("the name {} is taken by now", printable(there.name.text()))};
  if (auto role = need_role(then, there); !role) return role.error();
  return statements(put, fill);
}

Result<Statements> writes(const MoveDatabase& move, const Facts& facts, const Fill& fill) {
  const Target from{move.at.instance, move.from.place, move.at.name};
  if (auto same = stands_so(from, move.from, facts); !same) return same.error();
  if (auto role = need_role(facts, from); !role) return role.error();
  return statements(move, fill);
}

Result<Statements> writes(const AdoptDatabase& adopt, const Facts& facts, int version,
                          const Fill& fill) {
  const std::string name = printable(adopt.at.name.text());
  if (!facts.database) return gone("database", adopt.at);
  if (facts.database->claimed) return not_ours("database", adopt.at, facts.database->mark);
  if (!facts.database->open || facts.database->broken)
    return Error{Fault::refused, fmt::format("database {} takes no connections", name)};
  const bool owns = facts.role && facts.database->owner == adopt.at.name.text();
  if (facts.role && (facts.role->claimed || !owns || !adopt.mark.owner.empty() || adopt.reown))
    return facts.role->claimed
               ? not_ours("role", adopt.at, facts.role->mark)
               : Error{Fault::refused,
                       fmt::format("role {} exists and does not own the database ({} does); "
                                   "rename it, or make it the owner",
                                   name, printable(facts.database->owner))};
  if (owns && facts.role->elevated)
    return Error{Fault::refused,
                 fmt::format("its owner {} may do more than a branch's login: take away SUPERUSER, "
                             "CREATEDB, CREATEROLE, REPLICATION and BYPASSRLS first",
                             name)};
  if (!facts.role && !adopt.reown && facts.database->owner != adopt.mark.owner)
    return Error{Fault::stale, fmt::format("database {} has another owner by now", name)};
  Statements all = statements(adopt, fill);
  if (!facts.role && !facts.superuser) all.insert(all.begin() + 1, join_role(adopt.at.name, version));
  return all;
}

Result<Statements> writes(const DropDatabase& drop, const Facts& facts) {
  if (!facts.database) return Statements{};
  if (drop.only)
    if (auto same = stands_so(drop.at, *drop.only, facts); !same) return same.error();
  if (auto ours = need_database(facts, drop.at); !ours) return ours.error();
  // Nobody could ever log in to one that was neither marked nor opened.
  if (!facts.database->mark && facts.database->open && !facts.database->broken)
    return Error{Fault::refused, fmt::format("database {} has no mark, so it is not dropped",
                                             printable(drop.at.name.text()))};
  return statements(drop);
}

Result<Statements> writes(const DropRole& drop, const Facts& facts) {
  if (!facts.role) return Statements{};
  if (auto ours = need_role(facts, drop.at); !ours) return ours.error();
  if (facts.database && facts.database->owner == drop.at.name.text())
    return Error{Fault::refused,
                 fmt::format("role {} still owns its database", printable(drop.at.name.text()))};
  return statements(drop);
}

Result<Statements> writes(const Target& at, const Facts& facts, const std::string& mark) {
  if (!facts.database) return gone("database", at);
  if (!marked_for(facts.database->mark, at)) return not_ours("database", at, facts.database->mark);
  return Statements{mark_database(at.name, mark)};
}

Result<void> may_end_sessions(const Target& at, const Facts& facts) {
  return facts.role ? need_role(facts, at) : Result<void>();
}

}  // namespace bough::postgres
