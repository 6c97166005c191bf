#include "provisioners/postgres/testing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "provisioners/postgres/dev_host.h"

namespace bough::postgres {
namespace {

/// Stops the server when all tests are done.
class StopServer : public testing::Environment {
 public:
  void TearDown() override { TestServer::instance().stop(); }
};

Key key_of(std::uint8_t byte) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(byte);
  return Key(bytes);
}

}  // namespace

std::unique_ptr<DevHost> test_host(const std::string& folder, const Key& key) {
  const char* more = std::getenv("BOUGH_TEST_BINARIES");
  std::vector<std::string> binaries;
  if (more) binaries.emplace_back(more);
  return std::make_unique<Host>(DevHostRequest{folder, key, binaries, test_user()});
}

InstanceName test_instance(const DevHost& host) {
  const char* version = std::getenv("BOUGH_TEST_VERSION");
  return host.instance_for(version ? version : "");
}

TemporaryFolder::TemporaryFolder()
    : path_(std::filesystem::temp_directory_path() / "bough-test-XXXXXX") {
  if (!mkdtemp(path_.data())) ADD_FAILURE() << "no temporary folder";
  chmod(path_.c_str(), 0755);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

const Key& test_key() {
  static const Key key = key_of(7);
  return key;
}

const Key& other_key() {
  static const Key key = key_of(8);
  return key;
}

std::optional<RunUser> test_user() {
  static const std::optional<RunUser> found = [] {
    const passwd* user = geteuid() == 0 ? getpwnam("postgres") : nullptr;
    return user ? std::optional(RunUser{user->pw_name, user->pw_uid, user->pw_gid}) : std::nullopt;
  }();
  return found;
}

TestServer& TestServer::instance() {
  static auto* server = [] {
    testing::AddGlobalTestEnvironment(new StopServer);
    return new TestServer;
  }();
  return *server;
}

TestServer::TestServer()
    : host_(test_host(folder_.path())), access_{test_instance(*host_), "", std::nullopt, ""} {
  auto access = host_->ensure(access_.instance);
  if (!access) {
    ADD_FAILURE() << access.error().message;
    return;
  }
  access_ = *access;
  sql("ALTER SYSTEM SET fsync = off;");
  sql("ALTER SYSTEM SET log_statement = 'all';");
  sql("SELECT pg_reload_conf();");
}

std::string TestServer::log() const {
  std::ifstream in(fmt::format("{}/dev/{}/log", folder(), access_.instance.text().substr(4)));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Rows TestServer::sql(const std::string& statements) {
  auto login = login_for(access_);
  if (!login) {
    ADD_FAILURE() << login.error().message;
    return {};
  }
  auto session = Session::open(*login);
  if (!session) {
    ADD_FAILURE() << session.error().message;
    return {};
  }
  auto rows = (*session)->run(statements);
  if (!rows) ADD_FAILURE() << statements << ": " << rows.error().message;
  return rows ? *rows : Rows{};
}

std::string TestServer::value(const std::string& query) {
  const Rows rows = sql(query);
  return rows.empty() ? "" : rows.front().front().value_or("");
}

void TestServer::end_sessions(const std::string& query) {
  const std::string ending =
      "SELECT count(pg_terminate_backend(pid)) FROM (" + query + ") AS chosen;";
  for (std::string left = value(ending); left != "0" && !left.empty(); left = value(ending))
    std::this_thread::yield();
}

void TestServer::stop() {
  auto stopped = host_->stop(access_.instance);
  if (!stopped) ADD_FAILURE() << stopped.error().message;
  std::error_code ignored;
  std::filesystem::remove_all(folder(), ignored);
}

Result<std::unique_ptr<Session>> log_in(const Endpoint& endpoint) {
  const auto quoted = [](const std::string& text) {
    std::string result = "'";
    for (const char c : text) {
      if (c == '\'' || c == '\\') result += '\\';
      result += c;
    }
    return result + "'";
  };
  const std::string conninfo =
      fmt::format("host={} port={} dbname={} user={} password={} sslmode={}", endpoint.host,
                  endpoint.port, quoted(endpoint.database), quoted(endpoint.user),
                  quoted(endpoint.password), endpoint.sslmode);
  return Session::open(Login{Secret(conninfo), endpoint.host, {}});
}

Place place_of(const std::string& branch, const std::string& app) {
  return {
      {*RepositoryName::parse("shop"), *AppName::parse(app), Branch{*BranchName::parse(branch)}},
      *ComponentName::parse("db")};
}

Target target_of(const std::string& branch, const std::string& app) {
  const Place place = place_of(branch, app);
  return {TestServer::instance().access().instance, place, physical_name(place, Rank::first)};
}

Mark mark_of(const Target& at, Standing standing) {
  return {at.place, at.name, 1, std::move(standing), std::nullopt};
}

Step step_of(Action action) {
  return {std::move(action), "a test", false};
}

}  // namespace bough::postgres
