#include "provisioners/postgres/server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/testing.h"

namespace bough::postgres {
namespace {

TestServer& real() {
  return TestServer::instance();
}

void must(const Result<void>& result) {
  EXPECT_TRUE(result) << result.error().message;
}

void create(Server& server, const Target& at, const Limits& limits = {}) {
  must(server.apply(step_of(CreateRole{at, limits})));
  must(server.apply(step_of(CreateDatabase{at})));
  must(server.apply(step_of(GrantAccess{at, mark_of(at)})));
}

class PostgresServer : public testing::Test {
 protected:
  PostgresServer() : server_(real().access(), test_key(), 4) {
    must(server_.acquire_lease(std::chrono::seconds(10)));
  }
  Server server_;
};

TEST_F(PostgresServer, ABranchCannotReachTheServersOwnDatabases) {
  const Target at = target_of("own");
  create(server_, at);
  for (const char* database : {"postgres", "template1", "template0"}) {
    Endpoint endpoint = server_.endpoint(mark_of(at));
    endpoint.database = database;
    const auto session = log_in(endpoint);
    EXPECT_FALSE(session) << database;
  }
}

TEST_F(PostgresServer, ABranchHasNoPrivilegeBeyondItsDatabase) {
  const Target at = target_of("least");
  create(server_, at);
  EXPECT_EQ(real().value("SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR "
                         "rolbypassrls FROM pg_roles WHERE rolname = 'shop--least';"),
            "f");
  auto session = log_in(server_.endpoint(mark_of(at)));
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_TRUE((*session)->run("CREATE TABLE t (id int); CREATE SCHEMA s;"));
  EXPECT_FALSE((*session)->run("CREATE DATABASE another;"));
  EXPECT_FALSE((*session)->run("CREATE ROLE another;"));
}

TEST_F(PostgresServer, LimitsHoldForTheRole) {
  const Target at = target_of("limits");
  create(server_, at, {1, std::chrono::seconds(7), std::nullopt});
  auto first = log_in(server_.endpoint(mark_of(at)));
  ASSERT_TRUE(first) << first.error().message;
  const auto rows = (*first)->run("SHOW statement_timeout;");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->front().front(), "7s");
  EXPECT_FALSE(log_in(server_.endpoint(mark_of(at))));
}

TEST_F(PostgresServer, Row62_NoPasswordReachesTheServersLog) {
  const Target at = target_of("secret");
  create(server_, at);
  must(server_.apply(step_of(SetStanding{at, mark_of(at, Held{})})));
  must(server_.apply(step_of(SetStanding{at, mark_of(at)})));
  const std::string log = real().log();
  EXPECT_NE(log.find("CREATE ROLE \"shop--secret\""), std::string::npos);
  EXPECT_EQ(log.find(server_.endpoint(mark_of(at)).password), std::string::npos);
  EXPECT_EQ(log.find(real().access().password->reveal()), std::string::npos);
}

TEST_F(PostgresServer, SessionsSayWhoTheyAre) {
  EXPECT_EQ(real().value(fmt::format("SELECT count(*) > 0 FROM pg_stat_activity WHERE "
                                     "application_name = {};",
                                     literal(application_name()))),
            "t");
}

TEST_F(PostgresServer, WithdrawnLoginsSessionsEnd) {
  const Target at = target_of("sessions");
  create(server_, at);
  auto session = log_in(server_.endpoint(mark_of(at)));
  ASSERT_TRUE(session);
  must(server_.apply(step_of(SetStanding{at, mark_of(at, Suspended{})})));
  EXPECT_FALSE((*session)->run("SELECT 1;"));
  EXPECT_TRUE((*session)->lost());
}

TEST_F(PostgresServer, SessionsEndOnCommandAndTheLoginStays) {
  const Target at = target_of("killed");
  create(server_, at);
  auto session = log_in(server_.endpoint(mark_of(at)));
  ASSERT_TRUE(session);
  must(server_.end_sessions(at));
  EXPECT_FALSE((*session)->run("SELECT 1;"));
  EXPECT_TRUE(log_in(server_.endpoint(mark_of(at))));
}

TEST_F(PostgresServer, ADropEndsSessions) {
  const Target at = target_of("busy");
  create(server_, at);
  auto session = log_in(server_.endpoint(mark_of(at)));
  ASSERT_TRUE(session);
  must(server_.apply(step_of(DropDatabase{at})));
  EXPECT_FALSE((*session)->run("SELECT 1;"));
}

TEST_F(PostgresServer, AnInterruptedDropIsSeenAndFinished) {
  const Target at = target_of("broken");
  create(server_, at);
  real().sql("UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'shop--broken';");
  const auto seen = server_.observe();
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->databases.at("shop--broken").broken);
  EXPECT_EQ(server_.apply(step_of(CreateDatabase{at})).error().fault, Fault::stale);
  must(server_.apply(step_of(DropDatabase{at})));
  create(server_, at);
}

TEST_F(PostgresServer, AnUnmarkedDatabaseThatOpenedIsNotDropped) {
  const Target at = target_of("unmarked");
  create(server_, at);
  real().sql("COMMENT ON DATABASE \"shop--unmarked\" IS NULL;");
  EXPECT_EQ(server_.apply(step_of(DropDatabase{at})).error().fault, Fault::refused);
}

TEST_F(PostgresServer, AnUnmarkedBrokenDatabaseOfOurRoleIsDropped) {
  const Target at = target_of("half-broken");
  must(server_.apply(step_of(CreateRole{at, {}})));
  must(server_.apply(step_of(CreateDatabase{at})));
  real().sql("UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'shop--half-broken';");
  must(server_.apply(step_of(DropDatabase{at})));
}

TEST_F(PostgresServer, AMarkOfAnotherInstallationIsNotOurs) {
  const Target at = target_of("stranger");
  create(server_, at);
  real().sql(fmt::format(
      "COMMENT ON DATABASE \"shop--stranger\" IS {}; "
      "COMMENT ON ROLE \"shop--stranger\" IS {};",
      literal(encode(mark_of(at), other_key())), literal(encode(mark_of(at), other_key()))));
  const auto seen = server_.observe();
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->databases.at("shop--stranger").mark);
  EXPECT_EQ(server_.apply(step_of(DropDatabase{at})).error().fault, Fault::refused);
}

TEST_F(PostgresServer, ACopiedMarkIsNotBelieved) {
  const Target at = target_of("original");
  create(server_, at);
  const std::string mark = encode(mark_of(at), test_key());
  real().sql("CREATE DATABASE copy;");
  real().sql("COMMENT ON DATABASE copy IS " + literal(mark) + ";");
  const auto seen = server_.observe();
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->databases.at("copy").mark);
}

TEST_F(PostgresServer, GrantingPutsBackWhatWasChangedByHand) {
  const Target at = target_of("drift");
  create(server_, at);
  real().sql("GRANT CONNECT ON DATABASE \"shop--drift\" TO PUBLIC;");
  real().sql("ALTER DATABASE \"shop--drift\" OWNER TO bough;");
  real().sql("ALTER DATABASE \"shop--drift\" ALLOW_CONNECTIONS false;");
  must(server_.apply(step_of(GrantAccess{at, mark_of(at)})));
  const auto seen = server_.observe();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->databases.at("shop--drift"),
            (SeenDatabase{"shop--drift", true, false, false, mark_of(at)}));
}

TEST_F(PostgresServer, ARoleRenewedLosesPrivilegesGivenByHand) {
  const Target at = target_of("elevated");
  must(server_.apply(step_of(CreateRole{at, {}})));
  real().sql("ALTER ROLE \"shop--elevated\" SUPERUSER PASSWORD 'known';");
  must(server_.apply(step_of(CreateRole{at, {}})));
  EXPECT_EQ(real().value("SELECT rolsuper FROM pg_roles WHERE rolname = 'shop--elevated';"), "f");
  must(server_.apply(step_of(CreateDatabase{at})));
  must(server_.apply(step_of(GrantAccess{at, mark_of(at)})));
  EXPECT_TRUE(log_in(server_.endpoint(mark_of(at))));
}

TEST_F(PostgresServer, ANewGenerationHasAnotherPassword) {
  const Target at = target_of("rotated");
  create(server_, at);
  Mark next = mark_of(at);
  next.generation = 2;
  must(server_.apply(step_of(SetStanding{at, next})));
  EXPECT_FALSE(log_in(server_.endpoint(mark_of(at))));
  EXPECT_TRUE(log_in(server_.endpoint(next)));
}

TEST_F(PostgresServer, LostSessionsAreReplaced) {
  ASSERT_TRUE(server_.observe());
  real().end_sessions(
      "SELECT pid FROM pg_stat_activity a WHERE application_name LIKE 'bough %' AND "
      "pid <> pg_backend_pid() AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND "
      "l.locktype = 'advisory')");
  const auto seen = server_.observe();
  EXPECT_TRUE(seen) << seen.error().message;
}

TEST_F(PostgresServer, ANewHolderWaitsForWritesUnderWay) {
  auto login = login_for(real().access());
  ASSERT_TRUE(login);
  auto writer = Session::open(*login);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->run("BEGIN; " + fence_for_transaction()));
  server_.release_lease();
  Lease next;
  std::atomic<bool> acquired = false;
  std::jthread waiting([&] {
    must(next.acquire(*login, std::chrono::seconds(10)));
    acquired = true;
  });
  const char* waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted;";
  while (real().value(waits) == "0") std::this_thread::yield();
  EXPECT_FALSE(acquired);
  ASSERT_TRUE((*writer)->run("COMMIT;"));
  waiting.join();
  EXPECT_TRUE(acquired);
}

TEST(PostgresAdmin, NeedsNoSuperuser) {
  real().sql(
      "CREATE ROLE operator LOGIN CREATEDB CREATEROLE PASSWORD 'open sesame'; "
      "GRANT CONNECT ON DATABASE postgres TO operator;");
  ServerAccess access = real().access();
  access.url.replace(access.url.find("bough@"), 6, "operator@");
  access.password = Secret("open sesame");
  Server server(access, test_key(), 2);
  const auto version = server.test();
  EXPECT_TRUE(version) << version.error().message;
  must(server.acquire_lease(std::chrono::seconds(10)));
  const Target at = target_of("operated");
  create(server, at, {5, std::chrono::seconds(9), std::nullopt});
  create(server, at, {5, std::chrono::seconds(9), std::nullopt});
  auto session = log_in(server.endpoint(mark_of(at)));
  EXPECT_TRUE(session) << session.error().message;
  must(server.apply(step_of(SetStanding{at, mark_of(at, Held{})})));
  EXPECT_FALSE((*session)->run("SELECT 1;"));
  must(server.apply(step_of(SetStanding{at, mark_of(at)})));
  must(server.apply(step_of(DropDatabase{at})));
  must(server.apply(step_of(DropRole{at})));
}

struct Wrong {
  const char* name;
  std::string before;
  std::string after;
  const char* password;
  Fault fault;
  const char* says;
};
void PrintTo(const Wrong& c, std::ostream* out) {
  *out << c.name;
}

class ConnectionTest : public testing::TestWithParam<Wrong> {};
TEST_P(ConnectionTest, SaysWhatIsWrong) {
  real().sql(
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'plain') THEN "
      "CREATE ROLE plain LOGIN PASSWORD 'plain'; CREATE ROLE maker LOGIN CREATEDB PASSWORD "
      "'plain'; GRANT CONNECT ON DATABASE postgres TO plain, maker; END IF; END $$;");
  const int port = Server(real().access(), test_key(), 1).endpoint(mark_of(target_of("x"))).port;
  ServerAccess access = real().access();
  access.url = fmt::format("postgresql://{}:{}/{}", GetParam().before, port, GetParam().after);
  if (GetParam().before.ends_with("#")) {
    access.url = fmt::format("postgresql://bough@127.0.0.1:1/postgres");
  }
  if (*GetParam().password) access.password = Secret(GetParam().password);
  const auto version = Server(access, test_key(), 1).test();
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().fault, GetParam().fault) << version.error().message;
  EXPECT_NE(version.error().message.find(GetParam().says), std::string::npos)
      << version.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    PostgresAdmin, ConnectionTest,
    testing::Values(
        Wrong{"Name", "bough@nowhere.invalid", "postgres", "", Fault::unavailable, "resolve"},
        Wrong{"Port", "#", "", "", Fault::unavailable, "nothing listens"},
        Wrong{"Tls", "bough@127.0.0.1", "postgres?sslmode=require", "", Fault::denied, "TLS"},
        Wrong{"Password", "bough@127.0.0.1", "postgres", "wrong", Fault::denied,
              "password is wrong"},
        Wrong{"Database", "bough@127.0.0.1", "missing", "", Fault::denied, "does not exist"},
        Wrong{"CreateDatabase", "plain@127.0.0.1", "postgres", "plain", Fault::denied, "CREATEDB"},
        Wrong{"CreateRole", "maker@127.0.0.1", "postgres", "plain", Fault::denied, "CREATEROLE"}),
    [](const auto& row) { return row.param.name; });

/// A server that takes connections and never says a word.
class SilentServer {
 public:
  SilentServer() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    listen(fd_, 8);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(fd_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  int port() const { return port_; }

 private:
  int fd_;
  int port_;
};

TEST(PostgresAdmin, ASilentServerIsUnavailable) {
  const SilentServer silent;
  const ServerAccess access{
      *InstanceName::parse("silent"),
      fmt::format("postgresql://u@127.0.0.1:{}/postgres?connect_timeout=2", silent.port()),
      std::nullopt, ""};
  const auto seen = Server(access, test_key(), 1).observe();
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().fault, Fault::unavailable) << seen.error().message;
}

TEST(PostgresAdmin, AnUnreadableUrlIsReportedByEveryCall) {
  const ServerAccess access{*InstanceName::parse("bad"), "mysql://x", std::nullopt, ""};
  Server server(access, test_key(), 1);
  EXPECT_EQ(server.observe().error().fault, Fault::invalid);
  EXPECT_EQ(server.acquire_lease(std::chrono::seconds(1)).error().fault, Fault::invalid);
  EXPECT_EQ(server.test().error().fault, Fault::invalid);
}

}  // namespace
}  // namespace bough::postgres
