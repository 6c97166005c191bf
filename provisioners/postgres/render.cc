#include "provisioners/postgres/render.h"

#include <fmt/format.h>

#include "provisioners/postgres/images.h"
#include "provisioners/postgres/quote.h"

namespace bough::postgres {

const std::string_view kNoPrivileges =
    "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";

std::string mark_role(const DatabaseName& name, const std::string& mark) {
  return fmt::format("COMMENT ON ROLE {} IS {};", identifier(name.text()), literal(mark));
}

std::string owner_of(const Mark& mark) {
  return identifier(mark.owner.empty() ? mark.name.text() : mark.owner);
}

namespace {

std::string name_of(const Target& at) {
  return identifier(at.name.text());
}

int connection_limit(const Limits& limits) {
  return limits.connections.value_or(-1);
}

/// A setting of a role, as bough.yaml has it.
struct Setting {
  std::string_view name;
  std::optional<std::string> value;
};

std::vector<Setting> settings_of(const Limits& limits, Writes writes, int version) {
  const auto text = [](const std::optional<std::chrono::milliseconds>& limit) {
    return limit ? std::optional(fmt::format("{}ms", limit->count())) : std::nullopt;
  };
  std::vector<Setting> all{
      {"statement_timeout", text(limits.statement_timeout)},
      {"idle_in_transaction_session_timeout", text(limits.idle_in_transaction_timeout)},
      {"default_transaction_read_only",
       writes == Writes::allowed ? std::nullopt : std::optional<std::string>("on")}};
  if (version >= 14) all.push_back({"idle_session_timeout", text(limits.idle_timeout)});
  return all;
}

std::string set(const std::string& role, const Setting& setting) {
  return fmt::format("ALTER ROLE {} SET {} = {};", role, setting.name, literal(*setting.value));
}

/// What makes the role's settings these whatever they were. The role can change its own again: for
/// itself, for a session, and in a database, which counts more.
Statements renew(const Target& at, const std::vector<Setting>& settings) {
  const std::string role = name_of(at);
  Statements all;
  for (const Setting& setting : settings) {
    all.push_back(setting.value ? set(role, setting)
                                : fmt::format("ALTER ROLE {} RESET {};", role, setting.name));
    all.push_back(fmt::format("ALTER ROLE {} IN DATABASE {} RESET {};", role, role, setting.name));
  }
  return all;
}

/// Nobody but bough has the password of a scratch database.
bool may_log_in(const Mark& mark) {
  return std::holds_alternative<Active>(mark.standing) ||
         std::holds_alternative<Scratch>(mark.standing);
}

std::string alter_login(const Target& at, const Mark& mark, const std::string& verifier) {
  if (!may_log_in(mark)) return fmt::format("ALTER ROLE {} NOLOGIN;", name_of(at));
  if (verifier.empty()) return fmt::format("ALTER ROLE {} LOGIN;", name_of(at));
  return fmt::format("ALTER ROLE {} LOGIN PASSWORD {};", name_of(at), literal(verifier));
}

Fill masked(const Mark& mark) {
  return {"********", fmt::format("(mark: {}, {})", address(mark.place), word_of(mark.standing))};
}

Statements shown(const CreateRole& create) {
  return statements(create, masked({create.at.place, create.at.name, 1, Active{}, std::nullopt}));
}
Statements shown(const CreateDatabase& create) {
  return statements(create);
}
Statements shown(const GrantAccess& grant) {
  return statements(grant, {"", masked(grant.mark).mark});
}
Statements shown(const SetStanding& set) {
  Statements all = statements(set, masked(set.mark));
  if (!may_log_in(set.mark)) all.push_back(end_sessions(set.at.name));
  return all;
}
Statements shown(const SetAside& set) {
  Statements all = closing(set);
  all.push_back(end_visits(set.at.name));
  for (std::string& one : statements(set, masked(set.mark))) all.push_back(std::move(one));
  return all;
}
Statements shown(const RestrictRole& to) {
  Statements all = statements(to, 18, false);
  if (to.writes != Writes::allowed) all.push_back(end_sessions(to.at.name));
  return all;
}
Statements shown(const SetPassword& set) {
  return statements(set, masked(set.mark));
}
Statements shown(const RenameBack& back) {
  Statements all = back.role ? rename_role(back) : Statements{};
  if (!back.database) return all;
  all.push_back(close_database(*back.database));
  all.push_back(end_visits(*back.database));
  for (std::string& one : rename_database(back)) all.push_back(std::move(one));
  return all;
}
Statements shown(const MakeExtensions& make) {
  Statements all;
  for (const std::string& name : make.names) all.push_back(make_extension(name));
  all.push_back(mark_database(make.at.name, masked(make.mark).mark));
  return all;
}
Statements shown(const TrustSources&) {
  return {};
}
Statements shown(const DumpDatabase&) {
  return {};
}
Statements shown(const FillDatabase&) {
  return {};
}
Statements shown(const PutInPlace& put) {
  Statements all = closing(put);
  all.push_back(end_visits(put.at.name));
  for (std::string& one : statements(put, masked(put.mark))) all.push_back(std::move(one));
  return all;
}
Statements shown(const MoveDatabase& move) {
  Mark mark = move.from;
  mark.place = move.at.place;
  return statements(move, masked(mark));
}
Statements shown(const AdoptDatabase& adopt) {
  return statements(adopt, masked(adopt.mark));
}
Statements shown(const DropDatabase& drop) {
  Statements all = closing(drop);
  all.push_back(end_visits(drop.at.name));
  for (std::string& one : statements(drop)) all.push_back(std::move(one));
  return all;
}
Statements shown(const DropRole& drop) {
  return statements(drop);
}
Statements shown(const StartInstance&) {
  return {};
}
Statements shown(const KeepImage& keep) {
  Statements all = closing(keep);
  all.push_back(end_visits(keep.at.name));
  for (std::string& one : copying(keep)) all.push_back(std::move(one));
  for (std::string& one : opening(keep, masked(keep.image).mark)) all.push_back(std::move(one));
  return all;
}
Statements shown(const PutBack& put) {
  Statements all = closing(put);
  all.push_back(end_visits(put.at.name));
  const Marks marks{masked(put.mark).mark, masked(put.image).mark};
  for (std::string& one : exchange(put, marks, true)) all.push_back(std::move(one));
  return all;
}
Statements shown(const DropImage& drop) {
  return statements(drop);
}
Statements shown(const Build&) {
  return {};
}
Statements shown(const Migrate&) {
  return {};
}
Statements shown(const Seed&) {
  return {};
}
Statements shown(const RunJobs&) {
  return {};
}
Statements shown(const CopyDatabase&) {
  return {};
}
Statements shown(const FillTemplate&) {
  return {};
}
Statements shown(const MakeSpare&) {
  return {};
}
Statements shown(const DropStock&) {
  return {};
}

}  // namespace

Statements statements(const CreateRole& create, const Fill& fill) {
  const std::string role = name_of(create.at);
  Statements all{fmt::format("CREATE ROLE {} LOGIN {} PASSWORD {} CONNECTION LIMIT {};", role,
                             kNoPrivileges, literal(fill.verifier),
                             connection_limit(create.limits))};
  for (const Setting& setting : settings_of(create.limits, Writes::allowed, fill.version))
    if (setting.value) all.push_back(set(role, setting));
  all.push_back(mark_role(create.at.name, fill.mark));
  return all;
}

Statements renewal(const CreateRole& create, const Fill& fill, bool elevated) {
  const std::string role = name_of(create.at);
  // Only a superuser may say NOSUPERUSER here, even of a role that is none.
  Statements all{fmt::format("ALTER ROLE {} LOGIN {}PASSWORD {} CONNECTION LIMIT {};", role,
                             elevated ? fmt::format("{} ", kNoPrivileges) : "",
                             literal(fill.verifier), connection_limit(create.limits))};
  for (const Setting& setting : settings_of(create.limits, Writes::allowed, fill.version))
    all.push_back(setting.value ? set(role, setting)
                                : fmt::format("ALTER ROLE {} RESET {};", role, setting.name));
  all.push_back(mark_role(create.at.name, fill.mark));
  return all;
}

// template0 accepts no session, so the copy never waits or fails for somebody who looks into the
// template, several run side by side, and nothing that a person left in template1 leaks into
// branches. Closed at first: PUBLIC may connect to a new database until that is withdrawn.
Statements statements(const CreateDatabase& create) {
  const std::string name = name_of(create.at);
  return {fmt::format("CREATE DATABASE {} OWNER {} TEMPLATE template0 ALLOW_CONNECTIONS false;",
                      name, name)};
}

Statements statements(const GrantAccess& grant, const Fill& fill) {
  const std::string name = name_of(grant.at);
  Statements all{fmt::format("ALTER DATABASE {} OWNER TO {};", name, owner_of(grant.mark)),
                 fmt::format("REVOKE ALL ON DATABASE {} FROM PUBLIC;", name)};
  for (const std::string& guest : grant.evict)
    all.push_back(fmt::format("REVOKE ALL ON DATABASE {} FROM {};", name, identifier(guest)));
  all.push_back(fmt::format("GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {} TO {};", name, name));
  all.push_back(alter_login(grant.at, grant.mark, fill.verifier));
  all.push_back(mark_role(grant.at.name, fill.mark));
  all.push_back(mark_database(grant.at.name, fill.mark));
  all.push_back(fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS true;", name));
  return all;
}

Statements statements(const RestrictRole& to, int version, bool elevated) {
  const int connections = to.writes == Writes::none ? 0 : connection_limit(to.limits);
  Statements all{fmt::format("ALTER ROLE {} {}CONNECTION LIMIT {};", name_of(to.at),
                             elevated ? fmt::format("{} ", kNoPrivileges) : "", connections)};
  for (std::string& one : renew(to.at, settings_of(to.limits, to.writes, version)))
    all.push_back(std::move(one));
  for (const std::string& other : to.leave)
    all.push_back(fmt::format("REVOKE {} FROM {};", identifier(other), name_of(to.at)));
  return all;
}

Statements statements(const SetPassword& set, const Fill& fill) {
  return {fmt::format("ALTER ROLE {} PASSWORD {};", name_of(set.at), literal(fill.verifier)),
          mark_role(set.at.name, fill.mark), mark_database(set.at.name, fill.mark)};
}

Statements rename_role(const RenameBack& back) {
  return {
      fmt::format("ALTER ROLE {} RENAME TO {};", identifier(back.role->text()), name_of(back.at))};
}

Statements rename_database(const RenameBack& back) {
  return {fmt::format("ALTER DATABASE {} RENAME TO {};", identifier(back.database->text()),
                      name_of(back.at)),
          fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS true;", name_of(back.at))};
}

std::string make_extension(const std::string& name) {
  return fmt::format("CREATE EXTENSION IF NOT EXISTS {} WITH SCHEMA public;", identifier(name));
}

// The database stays open: what is withdrawn is the branch's login, and an admin can still dump it.
Statements statements(const SetStanding& set, const Fill& fill) {
  return {alter_login(set.at, set.mark, fill.verifier), mark_role(set.at.name, fill.mark),
          mark_database(set.at.name, fill.mark)};
}

Statements closing(const SetAside& set) {
  return {close_database(set.at.name)};
}

// The role stays, for the database that takes the place, so it must not own this one any more.
Statements statements(const SetAside& set, const Fill& fill) {
  const std::string aside = identifier(set.mark.name.text());
  return {fmt::format("ALTER DATABASE {} RENAME TO {};", name_of(set.at), aside),
          fmt::format("ALTER DATABASE {} OWNER TO CURRENT_USER;", aside),
          fmt::format("REVOKE ALL ON DATABASE {} FROM {};", aside, name_of(set.at)),
          mark_database(set.mark.name, fill.mark),
          fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS true;", aside)};
}

Statements statements(const DropDatabase& drop) {
  return {fmt::format("DROP DATABASE {} WITH (FORCE);", name_of(drop.at))};
}

Statements statements(const DropRole& drop) {
  return {fmt::format("DROP ROLE {};", name_of(drop.at))};
}

std::string mark_database(const DatabaseName& name, const std::string& mark) {
  return fmt::format("COMMENT ON DATABASE {} IS {};", identifier(name.text()), literal(mark));
}

std::string end_sessions(const DatabaseName& name) {
  return fmt::format(
      "SELECT count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity "
      "WHERE usename = {};",
      literal(name.text()));
}

std::string close_database(const DatabaseName& name) {
  return fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS false;", identifier(name.text()));
}

std::string end_visits(const DatabaseName& name) {
  return fmt::format(
      "SELECT count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity "
      "WHERE datname = {} AND backend_type = 'client backend';",
      literal(name.text()));
}

std::vector<std::string> render(const Step& step) {
  return std::visit([](const auto& action) { return shown(action); }, step.action);
}

}  // namespace bough::postgres
