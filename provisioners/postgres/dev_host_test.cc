#include "provisioners/postgres/dev_host.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "provisioners/postgres/child.h"
#include "provisioners/postgres/server.h"
#include "provisioners/postgres/testing.h"

namespace bough::postgres {
namespace {

std::string said(const std::optional<SeenInstance>& seen) {
  if (!seen) return "there";
  return std::visit(Match{[](const Contents&) { return std::string("contents"); },
                          [](const Unreachable& gone) { return gone.reason; },
                          [](const NotCreated& dev) { return fmt::format("new {}", dev.version); },
                          [](const Unavailable& none) { return none.reason; }},
                    *seen);
}

Result<int> query(const ServerAccess& access, const std::string& statement) {
  auto login = login_for(access);
  if (!login) return login.error();
  auto session = Session::open(*login);
  if (!session) return session.error();
  auto rows = (*session)->run(statement);
  if (!rows) return rows.error();
  return rows->empty() ? 0 : std::stoi(rows->front().front().value_or("0"));
}

int number(const ServerAccess& access, const std::string& statement) {
  const auto result = query(access, statement);
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : -1;
}

int server_process(const std::string& folder, const InstanceName& instance) {
  std::ifstream in(fmt::format("{}/dev/{}/data/postmaster.pid", folder, instance.text().substr(4)));
  int pid = 0;
  in >> pid;
  return pid;
}

TEST(DevHost, InstancesAreNamedAfterTheMajorVersion) {
  const TemporaryFolder folder;
  const auto host = test_host(folder.path());
  EXPECT_EQ(host->instance_for("15").text(), "dev-pg15");
  EXPECT_EQ(host->instance_for("15.4").text(), "dev-pg15");
  ASSERT_FALSE(host->installed().empty()) << "install postgresql-15";
  EXPECT_EQ(host->instance_for("").text(), fmt::format("dev-pg{}", host->installed().front()));
  EXPECT_TRUE(host->owns(host->instance_for("")));
  EXPECT_FALSE(host->owns(*InstanceName::parse("main-pg")));
}

TEST(DevHost, WhatIsNotThereIsExplained) {
  const TemporaryFolder folder;
  const auto host = test_host(folder.path());
  const int version = host->installed().front();
  EXPECT_EQ(said(host->absent(host->instance_for(""))), fmt::format("new {}", version));
  const std::string missing = said(host->absent(host->instance_for("99")));
  EXPECT_NE(missing.find("version 99 is not installed; installed: "), std::string::npos) << missing;
  EXPECT_NE(missing.find("install postgresql-99"), std::string::npos) << missing;
  const std::string garbage = said(host->absent(host->instance_for("la/test")));
  EXPECT_NE(garbage.find("is no PostgreSQL version"), std::string::npos) << garbage;
}

TEST(DevHost, StatusDoesNotTouchTheFolder) {
  const TemporaryFolder folder;
  const auto host = test_host(folder.path() + "/missing");
  ASSERT_FALSE(host->status().empty());
  EXPECT_FALSE(host->status().front().created);
  EXPECT_TRUE(host->stop(test_instance(*host)));
  EXPECT_NE(access((folder.path() + "/missing").c_str(), F_OK), 0);
}

/// One cluster for all these tests; each starts from a server that runs.
class DevServer : public testing::Test {
 protected:
  static void SetUpTestSuite() { folder_ = std::make_unique<TemporaryFolder>(); }
  static void TearDownTestSuite() {
    const auto host = test_host(folder_->path());
    EXPECT_TRUE(host->stop(test_instance(*host)));
    folder_.reset();
  }

  DevServer()
      : host_(test_host(folder_->path())), instance_(test_instance(*host_)), access_(ensure()) {
    number(access_, "ALTER SYSTEM SET fsync = off;");
    number(access_, "SELECT pg_reload_conf()::int;");
  }

  ServerAccess ensure() {
    auto access = host_->ensure(instance_);
    EXPECT_TRUE(access) << access.error().message;
    return access ? *access : ServerAccess{instance_, "", std::nullopt, ""};
  }
  bool running() const {
    for (const DevHost::Status& one : host_->status())
      if (one.instance == instance_) return one.running;
    return false;
  }
  int process() const { return server_process(folder_->path(), instance_); }

  static std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<DevHost> host_;
  InstanceName instance_;
  ServerAccess access_;
};
std::unique_ptr<TemporaryFolder> DevServer::folder_;

TEST_F(DevServer, EnsuringAgainChangesNothing) {
  const int before = process();
  EXPECT_EQ(ensure().url, access_.url);
  EXPECT_EQ(test_host(folder_->path())->ensure(instance_)->url, access_.url);
  EXPECT_EQ(process(), before);
  EXPECT_EQ(said(host_->absent(instance_)), "there");
  EXPECT_TRUE(running());
}

TEST_F(DevServer, SeveralProcessesEnsureOneServer) {
  EXPECT_TRUE(host_->stop(instance_));
  std::vector<std::string> urls(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& url : urls)
      threads.emplace_back([&] {
        auto access = test_host(folder_->path())->ensure(instance_);
        url = access ? access->url : access.error().message;
      });
  }
  for (const std::string& url : urls) EXPECT_EQ(url, urls.front());
}

TEST_F(DevServer, OnlyPasswordsOpenIt) {
  ServerAccess access = access_;
  access.password = Secret("wrong");
  const auto result = query(access, "SELECT 1;");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::denied) << result.error().message;
}

TEST_F(DevServer, ItsOwnDatabasesAreClosedToEverybody) {
  EXPECT_EQ(number(access_,
                   "SELECT count(*) FROM pg_database WHERE datallowconn AND "
                   "has_database_privilege('public', oid, 'CONNECT');"),
            0);
}

TEST_F(DevServer, ClientsAreGivenTheLoopbackAddress) {
  const Server server(access_, test_key(), 1);
  const Endpoint endpoint =
      server.endpoint(mark_of({instance_, place_of("a"), *DatabaseName::parse("a")}));
  EXPECT_EQ(endpoint.host, "127.0.0.1");
  EXPECT_EQ(endpoint.sslmode, "disable");
  EXPECT_GT(endpoint.port, 0);
}

TEST_F(DevServer, DataOutlivesAStop) {
  number(access_,
         "DROP TABLE IF EXISTS public.kept; "
         "CREATE TABLE public.kept AS SELECT 7 AS id;");
  EXPECT_TRUE(host_->stop(instance_));
  EXPECT_FALSE(running());
  EXPECT_FALSE(query(access_, "SELECT 1;"));
  EXPECT_TRUE(host_->stop(instance_));
  EXPECT_EQ(number(ensure(), "SELECT id FROM public.kept;"), 7);
}

TEST_F(DevServer, AKilledServerIsStartedAgain) {
  const int before = process();
  ASSERT_GT(before, 0);
  ASSERT_EQ(kill(before, SIGKILL), 0);
  while (alive(before)) std::this_thread::yield();
  EXPECT_EQ(number(ensure(), "SELECT 1;"), 1);
  EXPECT_NE(process(), before);
}

TEST_F(DevServer, AProvisionerOutlivesItsServersRestart) {
  Server server(access_, test_key(), 2);
  ASSERT_TRUE(server.observe());
  EXPECT_TRUE(host_->stop(instance_));
  const auto gone = server.observe();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().fault, Fault::unavailable) << gone.error().message;
  ensure();
  const auto back = server.observe();
  EXPECT_TRUE(back) << back.error().message;
}

TEST_F(DevServer, AnotherPortIsTakenWhenItsOwnIsGone) {
  EXPECT_TRUE(host_->stop(instance_));
  const int port = Server(access_, test_key(), 1)
                       .endpoint(mark_of({instance_, place_of("a"), *DatabaseName::parse("a")}))
                       .port;
  const int squatter = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(squatter, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(squatter, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(squatter, 1), 0);
  const ServerAccess moved = ensure();
  EXPECT_NE(moved.url, access_.url);
  EXPECT_EQ(number(moved, "SELECT 1;"), 1);
  close(squatter);
}

TEST_F(DevServer, AnotherInstallationsKeyDoesNotFit) {
  const auto access = test_host(folder_->path(), other_key())->ensure(instance_);
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().fault, Fault::denied) << access.error().message;
  EXPECT_NE(access.error().message.find("key"), std::string::npos) << access.error().message;
}

TEST_F(DevServer, AServerThatCannotStartSaysWhy) {
  EXPECT_TRUE(host_->stop(instance_));
  const std::string file = fmt::format("{}/dev/{}/data/postgresql.auto.conf", folder_->path(),
                                       instance_.text().substr(4));
  std::string kept;
  {
    std::ifstream in(file);
    kept.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::ofstream(file) << "nonsense = 1\n";
  const auto access = host_->ensure(instance_);
  std::ofstream(file) << kept;
  ASSERT_FALSE(access);
  EXPECT_NE(access.error().message.find("nonsense"), std::string::npos) << access.error().message;
}

TEST_F(DevServer, ALongFolderHasItsSocketElsewhere) {
  const TemporaryFolder folder;
  const auto host = test_host(folder.path() + "/" + std::string(120, 'a'));
  const auto access = host->ensure(instance_);
  ASSERT_TRUE(access) << access.error().message;
  const std::size_t start = access->url.find("/tmp/bough-");
  ASSERT_NE(start, std::string::npos) << access->url;
  const std::string sockets = access->url.substr(start, access->url.find(',') - start);
  EXPECT_EQ(number(*access, "SELECT 1;"), 1);
  EXPECT_TRUE(host->stop(instance_));
  EXPECT_FALSE(std::filesystem::exists(sockets)) << sockets;
}

/// What a killed creation leaves for a moment: somebody who empties the folders that were there.
class DyingCreation {
 public:
  explicit DyingCreation(std::string folder)
      : folder_(std::move(folder)), thread_([this] { empty_it(); }) {}
  ~DyingCreation() {
    done_ = true;
    thread_.join();
  }

 private:
  void empty_it() {
    std::error_code ignored;
    while (!done_)
      for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored))
        std::filesystem::remove_all(entry, ignored);
  }
  const std::string folder_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

TEST_F(DevServer, LeftoversOfAnInterruptedCreationDoNotMatter) {
  const TemporaryFolder folder;
  const std::string cluster = fmt::format("{}/dev/{}", folder.path(), instance_.text().substr(4));
  for (const char* leftover : {".new/data", ".new.QfW3x1/data"}) {
    std::filesystem::create_directories(cluster + leftover);
    std::ofstream(cluster + leftover + "/PG_VERSION") << "1\n";
  }
  const auto host = test_host(folder.path());
  EXPECT_EQ(said(host->absent(instance_)), "new " + instance_.text().substr(6));
  const DyingCreation dying(cluster + ".new/data");
  const DyingCreation dying_too(cluster + ".new.QfW3x1/data");
  const auto access = host->ensure(instance_);
  EXPECT_TRUE(access) << access.error().message;
  EXPECT_FALSE(std::filesystem::exists(cluster + ".new.QfW3x1"));
  EXPECT_TRUE(host->stop(instance_));
}

}  // namespace
}  // namespace bough::postgres
