#include "provisioners/postgres/render.h"

#include <fmt/format.h>

#include "provisioners/postgres/quote.h"

namespace bough::postgres {
namespace {

constexpr std::string_view kNoPrivileges =
    "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";

std::string name_of(const Target& at) {
  return identifier(at.name.text());
}

std::string mark_role(const DatabaseName& name, const std::string& mark) {
  return fmt::format("COMMENT ON ROLE {} IS {};", identifier(name.text()), literal(mark));
}

int connection_limit(const Limits& limits) {
  return limits.connections.value_or(-1);
}

std::string set_timeout(const std::string& role, std::chrono::milliseconds limit) {
  return fmt::format("ALTER ROLE {} SET statement_timeout = '{}ms';", role, limit.count());
}

bool active(const Mark& mark) {
  return std::holds_alternative<Active>(mark.standing);
}

std::string alter_login(const Target& at, const Mark& mark, const std::string& verifier) {
  if (!active(mark)) return fmt::format("ALTER ROLE {} NOLOGIN;", name_of(at));
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
  if (!active(set.mark)) all.push_back(end_sessions(set.at.name));
  return all;
}
Statements shown(const SetAside& set) {
  Statements all = closing(set);
  all.push_back(end_visits(set.at.name));
  for (std::string& one : statements(set, masked(set.mark))) all.push_back(std::move(one));
  return all;
}
Statements shown(const DropDatabase& drop) {
  return statements(drop);
}
Statements shown(const DropRole& drop) {
  return statements(drop);
}
Statements shown(const StartInstance&) {
  return {};
}
Statements shown(const Build&) {
  return {};
}
Statements shown(const Migrate&) {
  return {};
}

}  // namespace

Statements statements(const CreateRole& create, const Fill& fill) {
  const std::string role = name_of(create.at);
  Statements all{fmt::format("CREATE ROLE {} LOGIN {} PASSWORD {} CONNECTION LIMIT {};", role,
                             kNoPrivileges, literal(fill.verifier),
                             connection_limit(create.limits))};
  if (create.limits.statement_timeout)
    all.push_back(set_timeout(role, *create.limits.statement_timeout));
  all.push_back(mark_role(create.at.name, fill.mark));
  return all;
}

Statements renewal(const CreateRole& create, const Fill& fill, bool elevated) {
  const std::string role = name_of(create.at);
  // Only a superuser may say NOSUPERUSER here, even of a role that is none.
  Statements all{fmt::format("ALTER ROLE {} LOGIN {}PASSWORD {} CONNECTION LIMIT {};", role,
                             elevated ? fmt::format("{} ", kNoPrivileges) : "",
                             literal(fill.verifier), connection_limit(create.limits))};
  all.push_back(create.limits.statement_timeout
                    ? set_timeout(role, *create.limits.statement_timeout)
                    : fmt::format("ALTER ROLE {} RESET statement_timeout;", role));
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
  return {fmt::format("ALTER DATABASE {} OWNER TO {};", name, name),
          fmt::format("REVOKE ALL ON DATABASE {} FROM PUBLIC;", name),
          fmt::format("GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {} TO {};", name, name),
          alter_login(grant.at, grant.mark, fill.verifier),
          mark_role(grant.at.name, fill.mark),
          mark_database(grant.at.name, fill.mark),
          fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS true;", name)};
}

// The database stays open: what is withdrawn is the branch's login, and an admin can still dump it.
Statements statements(const SetStanding& set, const Fill& fill) {
  return {alter_login(set.at, set.mark, fill.verifier), mark_role(set.at.name, fill.mark),
          mark_database(set.at.name, fill.mark)};
}

Statements closing(const SetAside& set) {
  return {fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS false;", name_of(set.at))};
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
