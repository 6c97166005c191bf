#include "provisioners/postgres/stock_statements.h"

#include <fmt/format.h>

#include "provisioners/postgres/quote.h"

namespace bough::postgres {
namespace {

constexpr long long kLogPays = 50LL << 20;
constexpr int kStrategies = 15;  // the first version that has a choice
constexpr int kClones = 18;

std::string quoted(const DatabaseName& name) {
  return identifier(name.text());
}

}  // namespace

Strategy strategy_for(const CopyTask& task) {
  if (task.version < kStrategies) return Strategy::files;
  if (task.bytes < kLogPays) return Strategy::log;
  return task.version >= kClones && task.can_clone ? Strategy::clone : Strategy::files;
}

Statements making_role(const DatabaseName& name, const Fill& fill) {
  const std::string login =
      fill.verifier.empty() ? "NOLOGIN" : "LOGIN PASSWORD " + literal(fill.verifier);
  return {fmt::format("CREATE ROLE {} {} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION "
                      "NOBYPASSRLS;",
                      quoted(name), login),
          mark_role(name, fill.mark)};
}

Statements making_database(const DatabaseName& name, const std::string& source, int version,
                           Strategy strategy) {
  std::string create = fmt::format(
      "CREATE DATABASE {0} OWNER {0} TEMPLATE {1} ALLOW_CONNECTIONS "
      "false",
      quoted(name), source.empty() ? "template0" : identifier(source));
  if (version >= kStrategies && !source.empty())
    create += strategy == Strategy::log ? " STRATEGY wal_log" : " STRATEGY file_copy";
  create += ';';
  if (strategy != Strategy::clone) return {create};
  return {"SET file_copy_method = clone;", create, "RESET file_copy_method;"};
}

// The owner of a database may connect to it like everybody, by the right that PUBLIC has.
Statements opening_for_us(const DatabaseName& name, const std::string& mark) {
  return {fmt::format("REVOKE ALL ON DATABASE {0} FROM PUBLIC, {0};", quoted(name)),
          fmt::format("GRANT CONNECT, CREATE ON DATABASE {} TO CURRENT_USER;", quoted(name)),
          mark_database(name, mark),
          fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS true;", quoted(name))};
}

std::string schemas_of(const DatabaseName& owner) {
  return fmt::format(
      "SELECT n.nspname FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = "
      "n.nspowner WHERE r.rolname = {};",
      literal(owner.text()));
}

// Who is to own a table must be able to make one in its schema, so schemas go first.
Statements handing_over(const DatabaseName& from, const DatabaseName& to,
                        const std::vector<std::string>& schemas) {
  Statements all;
  for (const std::string& schema : schemas)
    all.push_back(fmt::format("ALTER SCHEMA {} OWNER TO {};", identifier(schema), quoted(to)));
  all.push_back(fmt::format("REASSIGN OWNED BY {} TO {};", quoted(from), quoted(to)));
  return all;
}

Statements finishing_spare(const DatabaseName& name, const std::string& mark) {
  return {fmt::format("REVOKE ALL ON DATABASE {0} FROM PUBLIC, {0};", quoted(name)),
          fmt::format("REVOKE ALL ON DATABASE {} FROM CURRENT_USER;", quoted(name)),
          mark_role(name, mark), mark_database(name, mark),
          fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS false;", quoted(name))};
}

Statements finishing_template(const DatabaseName& name, const std::string& mark) {
  return {fmt::format("ALTER DATABASE {} OWNER TO CURRENT_USER;", quoted(name)),
          fmt::format("REVOKE ALL ON DATABASE {0} FROM PUBLIC, {0};", quoted(name)),
          fmt::format("ALTER ROLE {} NOLOGIN PASSWORD NULL;", quoted(name)),
          mark_role(name, mark),
          mark_database(name, mark),
          fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS false;", quoted(name))};
}

Statements taking(const CopyDatabase& copy, const Fill& fill, Owner owner) {
  const std::string name = quoted(copy.at.name);
  const std::string spare = quoted(copy.spare);
  Statements all{fmt::format("ALTER DATABASE {} RENAME TO {};", spare, name)};
  if (owner == Owner::comes_along) {
    all.push_back(fmt::format("ALTER ROLE {} RENAME TO {};", spare, name));
    for (std::string& one : renewal(CreateRole{copy.at, copy.limits}, fill, false))
      all.push_back(std::move(one));
  } else {
    all.push_back(fmt::format("ALTER DATABASE {0} OWNER TO {0};", name));
    all.push_back(fmt::format("REVOKE ALL ON DATABASE {} FROM CURRENT_USER;", name));
    all.push_back(fmt::format("DROP ROLE {};", spare));
  }
  const bool same_password = owner == Owner::comes_along;
  for (std::string& one :
       statements(GrantAccess{copy.at, copy.mark}, {same_password ? "" : fill.verifier, fill.mark}))
    all.push_back(std::move(one));
  return all;
}

Statements dropping_database(const DatabaseName& name) {
  return {fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE);", quoted(name))};
}

Statements dropping_role(const DatabaseName& name) {
  return {fmt::format("DROP ROLE IF EXISTS {};", quoted(name))};
}

}  // namespace bough::postgres
