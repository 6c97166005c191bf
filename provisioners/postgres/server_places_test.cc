#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "provisioners/postgres/server.h"
#include "provisioners/postgres/testing.h"

namespace bough::postgres {
namespace {

TestServer& real() {
  return TestServer::instance();
}

void must(const Result<void>& result) {
  EXPECT_TRUE(result) << result.error().message;
}

Mark opened(const Target& at, Standing standing = Active{}) {
  Mark mark = mark_of(at, std::move(standing));
  mark.opened = true;
  return mark;
}

class Places : public testing::Test {
 protected:
  Places() : server_(real().access(), test_key(), 4) {
    must(server_.acquire_lease(std::chrono::seconds(10)));
  }
  Result<void> apply(Action action) { return server_.apply(step_of(std::move(action))); }

  void create(const Target& at) {
    must(apply(CreateRole{at, {}}));
    must(apply(CreateDatabase{at}));
    must(apply(GrantAccess{at, opened(at)}));
  }
  /// Statements of the branch itself.
  void as_branch(const Target& at, const std::string& statements) {
    auto session = log_in(server_.endpoint(mark_of(at)));
    ASSERT_TRUE(session) << session.error().message;
    auto done = (*session)->run(statements);
    EXPECT_TRUE(done) << done.error().message;
  }
  std::string asked_by_branch(const Target& at, const std::string& query) {
    auto session = log_in(server_.endpoint(mark_of(at)));
    if (!session) return session.error().message;
    auto rows = (*session)->run(query);
    return rows ? rows->front().front().value_or("") : rows.error().message;
  }
  Target hold(const Target& at) {
    must(apply(SetStanding{at, opened(at, held())}));
    return at;
  }
  static Held held() { return Held{Instant(std::chrono::milliseconds(1'700'000'000'123))}; }
  static Target aside_of(const Target& at) {
    return {at.instance, at.place, aside_name(at.name, 1)};
  }
  void set_aside(const Target& at) {
    Mark mark = opened(at, Held{held().since, false, true});
    mark.name = aside_of(at).name;
    must(apply(SetAside{at, mark}));
  }
  Contents seen() {
    auto contents = server_.observe();
    EXPECT_TRUE(contents) << contents.error().message;
    return contents ? *contents : Contents{};
  }
  Errand errand() const {
    return {folder_.path() + "/dump", {}, test_user(), [] { return false; }};
  }

  Server server_;
  TemporaryFolder folder_;
};

TEST_F(Places, WhatWasSetAsideTakesItsPlaceAgain) {
  const Target at = target_of("aside");
  create(at);
  as_branch(at, "CREATE TABLE t (id int); INSERT INTO t VALUES (7);");
  set_aside(at);
  must(apply(PutInPlace{aside_of(at), opened(at)}));
  EXPECT_FALSE(seen().databases.contains(aside_of(at).name.text()));
  EXPECT_EQ(asked_by_branch(at, "SELECT id FROM t;"), "7");
  as_branch(at, "DROP TABLE t; CREATE SCHEMA s;");
}

TEST_F(Places, NothingTakesANameThatIsTaken) {
  const Target at = target_of("taken");
  create(at);
  set_aside(at);
  must(apply(CreateDatabase{at}));
  const auto put = apply(PutInPlace{aside_of(at), opened(at)});
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().fault, Fault::stale);
  EXPECT_TRUE(seen().databases.contains(aside_of(at).name.text()));
}

TEST_F(Places, ADatabaseMovesWithItsRole) {
  const Target from = target_of("from");
  create(from);
  as_branch(from, "CREATE TABLE t (id int);");
  const Target to{from.instance, place_of("to"), from.name};
  must(apply(MoveDatabase{to, opened(from)}));
  const Contents there = seen();
  EXPECT_EQ(there.databases.at(from.name.text()).mark->place, to.place);
  EXPECT_EQ(there.roles.at(from.name.text()).mark->place, to.place);
  EXPECT_EQ(asked_by_branch(to, "SELECT count(*) FROM t;"), "0");
  const auto again = apply(MoveDatabase{to, opened(from)});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::stale);
}

TEST_F(Places, AHeldDatabaseIsDroppedOnlyAsItWasMarked) {
  const Target at = target_of("marked");
  create(at);
  hold(at);
  Mark other = opened(at, Held{held().since + std::chrono::seconds(1)});
  const auto refused = apply(DropDatabase{at, other});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::stale);
  must(apply(DropDatabase{at, opened(at, held())}));
  EXPECT_FALSE(seen().databases.contains(at.name.text()));
}

TEST_F(Places, ARoleLeavesWhatItHasElsewhere) {
  const Target at = target_of("elsewhere");
  create(at);
  real().sql("CREATE ROLE heir; CREATE ROLE \"team\";");
  real().sql("CREATE DATABASE theirs OWNER heir;");
  const std::string role = "\"shop--elsewhere\"";
  auto login = login_for(real().access());
  ASSERT_TRUE(login);
  auto inside = Session::open(login->to("theirs"));
  ASSERT_TRUE(inside);
  ASSERT_TRUE((*inside)->run("GRANT CREATE ON SCHEMA public TO " + role + ";"));
  ASSERT_TRUE((*inside)->run("SET ROLE " + role +
                             "; CREATE TABLE public.kept (id int); "
                             "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; "
                             "RESET ROLE;"));
  real().sql("GRANT CONNECT ON DATABASE theirs TO " + role + ";");
  real().sql("GRANT team TO " + role + ";");
  hold(at);
  EXPECT_EQ(seen().roles.at(at.name.text()).elsewhere, std::vector<std::string>{"theirs"});
  must(apply(DropDatabase{at}));
  must(apply(DropRole{at}));
  EXPECT_FALSE(seen().roles.contains(at.name.text()));
  auto owner = (*inside)->run("SELECT tableowner::text FROM pg_tables WHERE tablename = 'kept';");
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->front().front(), "heir");
}

TEST_F(Places, ADumpBringsBackWhatWasThere) {
  const Target at = target_of("dumped");
  create(at);
  as_branch(at,
            "CREATE TABLE \"odd \"\"name\" (id serial PRIMARY KEY, t text); "
            "INSERT INTO \"odd \"\"name\" (t) SELECT repeat('x', 100) FROM "
            "generate_series(1, 50); CREATE SCHEMA s; CREATE VIEW s.v AS SELECT 1; "
            "CREATE EXTENSION pg_trgm;");
  hold(at);
  auto contents = server_.dump({at, opened(at, held())}, errand());
  ASSERT_TRUE(contents) << contents.error().message;
  ASSERT_EQ(contents->tables.size(), 2U);
  EXPECT_EQ(contents->tables[0].rows, 50);
  struct stat file {};
  ASSERT_EQ(stat(errand().file.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600U);
  const std::string scratch = scratch_name(at.name).text();
  EXPECT_FALSE(seen().databases.contains(scratch));
  EXPECT_FALSE(seen().roles.contains(scratch));

  must(apply(DropDatabase{at}));
  const Target copy{at.instance, at.place, scratch_name(at.name)};
  must(server_.fill({copy, "id"}, *contents, errand()));
  must(apply(PutInPlace{copy, opened(at)}));
  EXPECT_FALSE(seen().roles.contains(scratch));
  EXPECT_EQ(asked_by_branch(at, "SELECT count(*) FROM \"odd \"\"name\";"), "50");
  as_branch(at,
            "INSERT INTO \"odd \"\"name\" (t) VALUES ('y'); DROP VIEW s.v; DROP SCHEMA s; "
            "DROP TABLE \"odd \"\"name\"; DROP EXTENSION pg_trgm;");
}

TEST_F(Places, AnotherDumpIsNotTakenForTheRightOne) {
  const Target at = target_of("other");
  create(at);
  as_branch(at, "CREATE TABLE t (id int); INSERT INTO t VALUES (1);");
  hold(at);
  auto contents = server_.dump({at, opened(at, held())}, errand());
  ASSERT_TRUE(contents) << contents.error().message;
  contents->tables[0].sum = "17";
  const Target copy{at.instance, at.place, scratch_name(at.name)};
  const auto filled = server_.fill({copy, "id"}, *contents, errand());
  ASSERT_FALSE(filled);
  EXPECT_NE(filled.error().message.find("public.t has other contents"), std::string::npos)
      << filled.error().message;
}

TEST_F(Places, WhatABranchDefinedRunsWithoutPrivilegesWhenItIsFilled) {
  const Target at = target_of("planted");
  create(at);
  // Called for each row that is filled in, and by who casts a row to text.
  as_branch(at,
            "CREATE FUNCTION evil(int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN "
            "RESET ROLE; IF (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN "
            "CREATE ROLE taken_over; END IF; RETURN true; END $$; "
            "CREATE TABLE t (id int CHECK (evil(id))); INSERT INTO t VALUES (1); "
            "CREATE FUNCTION evil_text(t) RETURNS text LANGUAGE sql AS $$ SELECT "
            "evil(1)::text $$; CREATE CAST (t AS text) WITH FUNCTION evil_text(t) AS IMPLICIT;");
  hold(at);
  auto contents = server_.dump({at, opened(at, held())}, errand());
  ASSERT_TRUE(contents) << contents.error().message;
  EXPECT_EQ(real().value("SELECT count(*) FROM pg_roles WHERE rolname = 'taken_over';"), "0");
}

TEST_F(Places, ATemplateStopsBeingFilledWhenBoughStops) {
  const Target at = target_of("source");
  create(at);
  const Stock stock{at.place.home.repository, at.place.home.app, at.place.component, Copy::data,
                    ""};
  const DatabaseName name = *DatabaseName::parse("bough_template_stopped");
  const FillTemplate fill{{at.instance, name, stock}, at.instance, opened(at), {}, {}};
  const CopyTools stopped{folder_.path() + "/copies", {}, test_user(), [] { return true; }};
  const auto filled = server_.fill(fill, server_.endpoint(opened(at)), stopped);
  ASSERT_FALSE(filled);
  EXPECT_EQ(filled.error().fault, Fault::unavailable) << filled.error().message;
  EXPECT_FALSE(seen().stock.contains(name.text()));
}

TEST_F(Places, AnAdoptedDatabaseKeepsOwnerAndVisitors) {
  const Place place{{*RepositoryName::parse("shop"), *AppName::parse("shop"), Production{}},
                    *ComponentName::parse("live")};
  const Target at{target_of("x").instance, place, *DatabaseName::parse("Live One")};
  real().sql("CREATE ROLE boss LOGIN; CREATE ROLE visitor LOGIN;");
  real().sql("CREATE DATABASE \"Live One\" OWNER boss;");
  Mark mark = opened(at);
  mark.adopted = true;
  mark.owner = "boss";
  must(apply(AdoptDatabase{at, mark, false}));
  EXPECT_EQ(seen().databases.at("Live One").mark, mark);
  EXPECT_FALSE(seen().databases.at("Live One").public_access);
  EXPECT_EQ(asked_by_branch(at, "SELECT current_user::text;"), "boss");
  for (const auto& [login, may] : {std::pair("visitor", "t"), std::pair("boss", "t")})
    EXPECT_EQ(real().value(fmt::format(
                  "SELECT has_database_privilege('{}', 'Live One', 'CONNECT');", login)),
              may);
  EXPECT_FALSE(apply(AdoptDatabase{at, mark, false})) << "it is adopted already";
}

}  // namespace
}  // namespace bough::postgres
