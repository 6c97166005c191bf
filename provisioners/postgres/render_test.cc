#include "provisioners/postgres/render.h"

#include <gtest/gtest.h>

#include "provisioners/postgres/testing.h"

namespace bough::postgres {
namespace {

Target at(const std::string& branch) {
  const Place place = place_of(branch);
  return {*InstanceName::parse("main"), place, physical_name(place, Rank::first)};
}

struct Case {
  const char* name;
  Action action;
  Statements expected;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class Render : public testing::TestWithParam<Case> {};
TEST_P(Render, ShowsTheStatementsWithoutSecrets) {
  EXPECT_EQ(render(step_of(GetParam().action)), GetParam().expected);
}

Limits some_limits() {
  return {20, std::chrono::seconds(60), std::nullopt};
}

INSTANTIATE_TEST_SUITE_P(
    Render, Render,
    testing::Values(
        Case{"CreateRole",
             CreateRole{at("a"), {}},
             {"CREATE ROLE \"shop--a\" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION "
              "NOBYPASSRLS PASSWORD '********' CONNECTION LIMIT -1;",
              "COMMENT ON ROLE \"shop--a\" IS '(mark: shop/a/db, active)';"}},
        Case{"CreateLimitedRole",
             CreateRole{at("a"), some_limits()},
             {"CREATE ROLE \"shop--a\" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION "
              "NOBYPASSRLS PASSWORD '********' CONNECTION LIMIT 20;",
              "ALTER ROLE \"shop--a\" SET statement_timeout = '60000ms';",
              "COMMENT ON ROLE \"shop--a\" IS '(mark: shop/a/db, active)';"}},
        Case{"CreateDatabase",
             CreateDatabase{at("a")},
             {"CREATE DATABASE \"shop--a\" OWNER \"shop--a\" TEMPLATE template0 "
              "ALLOW_CONNECTIONS false;"}},
        Case{"GrantAccess",
             GrantAccess{at("a"), mark_of(at("a"))},
             {"ALTER DATABASE \"shop--a\" OWNER TO \"shop--a\";",
              "REVOKE ALL ON DATABASE \"shop--a\" FROM PUBLIC;",
              "GRANT CONNECT, TEMPORARY, CREATE ON DATABASE \"shop--a\" TO \"shop--a\";",
              "ALTER ROLE \"shop--a\" LOGIN;",
              "COMMENT ON ROLE \"shop--a\" IS '(mark: shop/a/db, active)';",
              "COMMENT ON DATABASE \"shop--a\" IS '(mark: shop/a/db, active)';",
              "ALTER DATABASE \"shop--a\" ALLOW_CONNECTIONS true;"}},
        Case{"Hold",
             SetStanding{at("a"), mark_of(at("a"), Held{})},
             {"ALTER ROLE \"shop--a\" NOLOGIN;",
              "COMMENT ON ROLE \"shop--a\" IS '(mark: shop/a/db, held)';",
              "COMMENT ON DATABASE \"shop--a\" IS '(mark: shop/a/db, held)';",
              "SELECT count(pg_catalog.pg_terminate_backend(pid)) FROM "
              "pg_catalog.pg_stat_activity WHERE usename = 'shop--a';"}},
        Case{"Resume",
             SetStanding{at("a"), mark_of(at("a"))},
             {"ALTER ROLE \"shop--a\" LOGIN PASSWORD '********';",
              "COMMENT ON ROLE \"shop--a\" IS '(mark: shop/a/db, active)';",
              "COMMENT ON DATABASE \"shop--a\" IS '(mark: shop/a/db, active)';"}},
        Case{"DropDatabase",
             DropDatabase{at("a")},
             {"ALTER DATABASE \"shop--a\" ALLOW_CONNECTIONS false;",
              "SELECT count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity "
              "WHERE datname = 'shop--a' AND backend_type = 'client backend';",
              "DROP DATABASE \"shop--a\" WITH (FORCE);"}},
        Case{"DropRole", DropRole{at("a")}, {"DROP ROLE \"shop--a\";"}},
        Case{"StartInstance", StartInstance{*InstanceName::parse("dev-pg15"), 15}, {}}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace bough::postgres
