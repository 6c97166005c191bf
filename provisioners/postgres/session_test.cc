#include "provisioners/postgres/session.h"

#include <gtest/gtest.h>

#include "provisioners/postgres/testing.h"

namespace bough::postgres {
namespace {

std::unique_ptr<Session> admin() {
  auto login = login_for(TestServer::instance().access());
  EXPECT_TRUE(login);
  auto session = Session::open(*login);
  EXPECT_TRUE(session) << session.error().message;
  return *std::move(session);
}

struct Case {
  const char* name;
  const char* statement;
  Fault fault;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class RefusedStatement : public testing::TestWithParam<Case> {};
TEST_P(RefusedStatement, SaysWhatTheCallerCanDoAndLeavesTheSession) {
  const auto session = admin();
  const auto rows = session->run(GetParam().statement);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().fault, GetParam().fault) << rows.error().message;
  EXPECT_FALSE(rows.error().message.empty());
  EXPECT_FALSE(session->lost());
  EXPECT_TRUE(session->run("SELECT 1;"));
}
INSTANTIATE_TEST_SUITE_P(
    Session, RefusedStatement,
    testing::Values(Case{"Privilege", "CREATE TABLE pg_catalog.mine (id int);", Fault::denied},
                    Case{"Syntax", "SELEC 1;", Fault::broken},
                    Case{"Table", "SELECT * FROM public.nowhere;", Fault::broken},
                    Case{"Function", "SELECT nothing_like_it();", Fault::broken},
                    Case{"Column", "SELECT nothing_like_it;", Fault::broken},
                    Case{"Data", "SELECT 1 / 0;", Fault::invalid},
                    Case{"Role", "DROP ROLE nobody_there;", Fault::stale},
                    Case{"DuplicateRole", "CREATE ROLE bough;", Fault::stale},
                    Case{"Database", "DROP DATABASE nothing_there;", Fault::stale},
                    Case{"DuplicateDatabase", "CREATE DATABASE postgres;", Fault::stale},
                    Case{"Reserved", "CREATE ROLE pg_mine;", Fault::invalid},
                    Case{"Timeout", "SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(60);",
                         Fault::unavailable},
                    Case{"OwnDatabase", "DROP DATABASE postgres;", Fault::unavailable}),
    [](const auto& row) { return row.param.name; });

TEST(Session, GivesTheRowsOfTheLastStatement) {
  const auto rows = admin()->run("SELECT 1; SELECT 'a', NULL UNION ALL SELECT '', 'b';");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(*rows, (Rows{{"a", std::nullopt}, {"", "b"}}));
}

TEST(Session, ALostConnectionStaysLost) {
  const auto session = admin();
  const auto ended = session->run("SELECT pg_terminate_backend(pg_backend_pid());");
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().fault, Fault::unavailable);
  EXPECT_TRUE(session->lost());
  const auto again = session->run("SELECT 1;");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::unavailable);
}

TEST(Session, NobodysSearchPathIsUsed) {
  const auto rows = admin()->run("SHOW search_path;");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->front().front(), "pg_catalog,pg_temp");
}

}  // namespace
}  // namespace bough::postgres
