// What Server does for databases and roles that are there already.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/server.h"
#include "provisioners/postgres/testing.h"

namespace bough::postgres {
namespace {

using std::chrono::milliseconds;

TestServer& real() {
  return TestServer::instance();
}

void must(const Result<void>& result) {
  EXPECT_TRUE(result) << result.error().message;
}

class PostgresUpkeep : public testing::Test {
 protected:
  PostgresUpkeep() : server_(real().access(), test_key(), 4) {
    must(server_.acquire_lease(std::chrono::seconds(10)));
  }

  void apply(Action action) { must(server_.apply(step_of(std::move(action)))); }

  Target create(const std::string& branch, const Limits& limits = {}) {
    const Target at = target_of(branch);
    apply(CreateRole{at, limits});
    apply(CreateDatabase{at});
    apply(GrantAccess{at, mark_of(at)});
    return at;
  }

  SeenRole role(const std::string& name) {
    const auto seen = server_.observe();
    EXPECT_TRUE(seen);
    return seen ? seen->roles.at(name) : SeenRole{};
  }
  SeenDatabase database(const std::string& name) {
    const auto seen = server_.observe();
    EXPECT_TRUE(seen);
    return seen ? seen->databases.at(name) : SeenDatabase{};
  }
  int version() {
    const auto seen = server_.observe();
    return seen ? seen->version : 0;
  }
  std::string fingerprint() {
    const auto sum = server_.fingerprint();
    return sum ? *sum : sum.error().message;
  }

  std::unique_ptr<Session> client(const Target& at, int generation = 1) {
    Mark mark = mark_of(at);
    mark.generation = generation;
    auto session = log_in(server_.endpoint(mark));
    return session ? *std::move(session) : nullptr;
  }

  /// What the branch itself says in its database.
  void as_branch(const Target& at, const std::string& sql) {
    const auto session = client(at);
    ASSERT_TRUE(session);
    const auto done = session->run(sql);
    ASSERT_TRUE(done) << done.error().message;
  }

  Server server_;
};

const Limits kLimits{7, milliseconds(61'000), std::nullopt, milliseconds(62'000),
                     milliseconds(63'000)};

TEST_F(PostgresUpkeep, LimitsAreSeenAsTheyWereSet) {
  const Target made = create("limited", kLimits);
  EXPECT_EQ(role("shop--limited").limits, as_shown(kLimits, Writes::allowed, version()));
  const Target changed = create("restricted");
  EXPECT_EQ(role("shop--restricted").limits, Limits{});
  const std::string before = fingerprint();
  apply(RestrictRole{changed, kLimits});
  EXPECT_EQ(role("shop--restricted").limits, as_shown(kLimits, Writes::allowed, version()));
  EXPECT_NE(fingerprint(), before);
  apply(RestrictRole{changed, {}});
  EXPECT_EQ(role("shop--restricted").limits, Limits{});
}

TEST_F(PostgresUpkeep, WhatABranchSetsForItselfIsSeenAndTakenBack) {
  const Target at = create("willful", kLimits);
  as_branch(at,
            "ALTER ROLE CURRENT_USER IN DATABASE \"shop--willful\" SET statement_timeout = '2h';");
  EXPECT_EQ(role("shop--willful").limits.statement_timeout, std::chrono::hours(2));
  apply(RestrictRole{at, kLimits});
  EXPECT_EQ(role("shop--willful").limits, as_shown(kLimits, Writes::allowed, version()));
}

TEST_F(PostgresUpkeep, PrivilegesAndMembershipsAreSeenAndTakenBack) {
  create("friend");
  const Target at = create("grown");
  const std::string before = fingerprint();
  real().sql(
      "ALTER ROLE \"shop--grown\" CREATEDB; GRANT \"shop--friend\" TO \"shop--grown\";"
      "GRANT pg_monitor TO \"shop--grown\";");
  EXPECT_NE(fingerprint(), before);
  EXPECT_TRUE(role("shop--grown").elevated);
  EXPECT_EQ(role("shop--grown").member_of, (std::set<std::string>{"pg_monitor", "shop--friend"}));
  apply(RestrictRole{at, {}, Writes::allowed, {"pg_monitor", "shop--friend"}});
  EXPECT_FALSE(role("shop--grown").elevated);
  EXPECT_EQ(role("shop--grown").member_of, std::set<std::string>());
}

TEST_F(PostgresUpkeep, WritesAreWithdrawnInTwoSteps) {
  const Target at = create("large");
  as_branch(at, "CREATE TABLE t (id int);");
  const auto open = client(at);
  apply(RestrictRole{at, {5, {}, {}}, Writes::discouraged});
  EXPECT_FALSE(open->run("INSERT INTO t VALUES (1);")) << "its sessions end";
  EXPECT_EQ(role("shop--large").writes, Writes::discouraged);
  const auto again = client(at);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->run("SELECT FROM t;"));
  EXPECT_FALSE(again->run("INSERT INTO t VALUES (1);"));
  // A default and no more, so that it can make room.
  EXPECT_TRUE(again->run("SET default_transaction_read_only = off;"));
  EXPECT_TRUE(again->run("INSERT INTO t VALUES (1);"));
  apply(RestrictRole{at, {5, {}, {}}, Writes::none});
  EXPECT_EQ(role("shop--large").writes, Writes::none);
  EXPECT_EQ(role("shop--large").limits, as_shown({5, {}, {}}, Writes::none, version()));
  EXPECT_FALSE(client(at));
  apply(RestrictRole{at, {5, {}, {}}});
  EXPECT_EQ(role("shop--large").writes, Writes::allowed);
  as_branch(at, "INSERT INTO t VALUES (1);");
}

TEST_F(PostgresUpkeep, APasswordChangesAtOneInstant) {
  const Target at = create("rotated");
  const auto open = client(at, 1);
  ASSERT_TRUE(open);
  Mark mark = mark_of(at);
  mark.generation = 2;
  for (int i = 0; i < 2; ++i) apply(SetPassword{at, mark});
  EXPECT_TRUE(open->run("SELECT 1;"));
  EXPECT_FALSE(client(at, 1));
  EXPECT_TRUE(client(at, 2));
  EXPECT_EQ(database("shop--rotated").mark, mark);
  EXPECT_EQ(role("shop--rotated").mark, mark);
  const auto old = server_.apply(step_of(SetPassword{at, mark_of(at)}));
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().fault, Fault::stale);
}

TEST_F(PostgresUpkeep, Row73_WhatWasRenamedGetsItsNameBack) {
  const Target at = create("named");
  as_branch(at, "CREATE TABLE t (id int);");
  const auto open = client(at);
  real().end_sessions("SELECT pid FROM pg_stat_activity WHERE datname = 'shop--named'");
  real().sql(
      "ALTER DATABASE \"shop--named\" RENAME TO mine; ALTER ROLE \"shop--named\" RENAME TO me;");
  EXPECT_EQ(database("mine").mark, std::nullopt);
  EXPECT_EQ(database("mine").strayed, mark_of(at));
  EXPECT_EQ(role("me").strayed, mark_of(at));
  apply(RenameBack{at, *DatabaseName::parse("mine"), *DatabaseName::parse("me")});
  EXPECT_EQ(database("shop--named").mark, mark_of(at));
  EXPECT_EQ(database("shop--named").owner, "shop--named");
  as_branch(at, "INSERT INTO t VALUES (1);");
}

TEST_F(PostgresUpkeep, Row73_ACopiedNoteRenamesNothing) {
  const Target at = create("copied");
  real().sql("CREATE DATABASE notours;");
  const std::string note = real().value(
      "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = "
      "'shop--copied';");
  real().sql(fmt::format("COMMENT ON DATABASE notours IS {};", literal(note)));
  EXPECT_EQ(database("notours").strayed, mark_of(at));
  const RenameBack back{at, *DatabaseName::parse("notours"), std::nullopt};
  EXPECT_EQ(server_.apply(step_of(back)).error().fault, Fault::stale);
  real().sql("DROP DATABASE notours;");
}

TEST_F(PostgresUpkeep, AGuestIsSeenAndSentAway) {
  create("guest");
  const Target at = create("host");
  real().sql("GRANT CONNECT ON DATABASE \"shop--host\" TO \"shop--guest\";");
  EXPECT_EQ(database("shop--host").guests, std::set<std::string>{"shop--guest"});
  apply(GrantAccess{at, mark_of(at), {"shop--guest"}});
  EXPECT_EQ(database("shop--host").guests, std::set<std::string>());
  EXPECT_TRUE(client(at));
}

TEST_F(PostgresUpkeep, ACheckUpTellsSizeAndPassword) {
  const Target at = create("weighed");
  const auto checkup = server_.check_up(mark_of(at));
  ASSERT_TRUE(checkup) << checkup.error().message;
  EXPECT_GT(checkup->bytes, 1'000'000);
  EXPECT_EQ(checkup->let_in, true);
  real().sql("ALTER ROLE \"shop--weighed\" PASSWORD 'another';");
  EXPECT_EQ(server_.check_up(mark_of(at))->let_in, false);
  real().sql("ALTER ROLE \"shop--weighed\" CONNECTION LIMIT 0;");
  EXPECT_EQ(server_.check_up(mark_of(at))->let_in, false);
}

class PostgresExtensions : public PostgresUpkeep {
 protected:
  void SetUp() override {
    // Debian's server packages contain them.
    ASSERT_EQ(real().value("SELECT count(*) FROM pg_available_extensions WHERE name IN ('citext', "
                           "'file_fdw');"),
              "2");
  }

  Result<void> make(const Target& at, std::vector<std::string> names) {
    return server_.apply(step_of(MakeExtensions{at, mark_of(at), std::move(names)}));
  }
};

TEST_F(PostgresExtensions, TrustedOnesBelongToTheBranchAndOthersToTheSuperuser) {
  const Target at = create("extended");
  for (int i = 0; i < 2; ++i) must(make(at, {"citext", "file_fdw"}));
  const auto session = client(at);
  const auto rows = session->run(
      "SELECT extname::text, extowner::regrole::text FROM pg_extension WHERE extname <> 'plpgsql' "
      "ORDER BY 1;");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0], (Row{"citext", "\"shop--extended\""}));
  EXPECT_EQ((*rows)[1], (Row{"file_fdw", "bough"}));
  EXPECT_TRUE(session->run("SELECT 'A'::citext = 'a';"));
}

TEST_F(PostgresExtensions, OneThatIsNotThereIsNamedWithItsPackage) {
  const auto made = make(create("missing"), {"no_such_thing"});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::missing);
  EXPECT_NE(made.error().message.find("no_such_thing"), std::string::npos);
  EXPECT_NE(made.error().message.find("install it there"), std::string::npos);
}

// A script that runs as a superuser would find them first.
TEST_F(PostgresExtensions, Row61_NoScriptOfASuperuserRunsAmongPlantedFunctions) {
  const Target at = create("trap");
  as_branch(at,
            "CREATE FUNCTION public.count(text) RETURNS int LANGUAGE sql AS 'SELECT 1';"
            "ALTER DATABASE \"shop--trap\" SET search_path = public, pg_catalog;");
  const auto made = make(at, {"file_fdw"});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::refused);
  EXPECT_NE(made.error().message.find("by hand"), std::string::npos) << made.error().message;
  must(make(at, {"citext"}));
}

TEST_F(PostgresExtensions, WhoIsNoSuperuserIsToldWhoHasToMakeIt) {
  real().sql(
      "DROP ROLE IF EXISTS creator; CREATE ROLE creator LOGIN CREATEDB CREATEROLE PASSWORD 'open';"
      "GRANT CONNECT ON DATABASE postgres TO creator;");
  ServerAccess access = real().access();
  access.url.replace(access.url.find("bough@"), 6, "creator@");
  access.password = Secret("open");
  server_.release_lease();
  Server maker(access, test_key(), 2);
  must(maker.acquire_lease(std::chrono::seconds(10)));
  const Target at = target_of("humble");
  must(maker.apply(step_of(CreateRole{at, {}})));
  must(maker.apply(step_of(CreateDatabase{at})));
  must(maker.apply(step_of(GrantAccess{at, mark_of(at)})));
  must(maker.apply(step_of(MakeExtensions{at, mark_of(at), {"citext"}})));
  const auto made = maker.apply(step_of(MakeExtensions{at, mark_of(at), {"file_fdw"}}));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("have one run CREATE EXTENSION file_fdw"), std::string::npos)
      << made.error().message;
  must(maker.apply(step_of(RestrictRole{at, kLimits, Writes::discouraged})));
  Mark next = mark_of(at);
  next.generation = 2;
  must(maker.apply(step_of(SetPassword{at, next})));
  EXPECT_EQ(maker.check_up(next)->let_in, true);
}

// What a branch plants in its own database means nothing to bough's sessions.
TEST_F(PostgresUpkeep, Row60_PlantedFunctionsOperatorsAndSettingsChangeNothing) {
  const Target at = create("planted");
  as_branch(at, R"(
CREATE FUNCTION public.bad(name, name) RETURNS bool LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'planted'; END $$;
CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = name, FUNCTION = public.bad);
CREATE FUNCTION public.pg_database_size(name) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE TABLE public.pg_extension (extname name);
ALTER DATABASE "shop--planted" SET search_path = public, pg_catalog;
ALTER ROLE CURRENT_USER SET search_path = public, pg_catalog;
ALTER ROLE CURRENT_USER SET default_transaction_read_only = on;
)");
  EXPECT_TRUE(server_.observe());
  EXPECT_GT(server_.check_up(mark_of(at))->bytes, 1);
  if (real().value("SELECT count(*) FROM pg_available_extensions WHERE name = 'citext';") == "1")
    apply(MakeExtensions{at, mark_of(at), {"citext"}});
  apply(RestrictRole{at, {}});
  apply(SetStanding{at, mark_of(at, Held{})});
  apply(SetStanding{at, mark_of(at)});
}

TEST_F(PostgresUpkeep, Row61_NoSessionStepsDownToABranch) {
  const std::size_t before = real().log().size();
  create("downward");
  const std::string log = real().log().substr(before);
  EXPECT_EQ(log.find("SET ROLE"), std::string::npos);
  EXPECT_EQ(log.find("SET SESSION AUTHORIZATION"), std::string::npos);
}

}  // namespace
}  // namespace bough::postgres
