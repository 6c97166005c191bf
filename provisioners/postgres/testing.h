#pragma once

#include <memory>
#include <string>
#include <vector>

#include "provisioners/postgres/session.h"
#include "provisioners/provisioner.h"

namespace bough::postgres {

/// A private folder that is removed again; others may pass through it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The key of all tests, and another installation's.
const Key& test_key();
const Key& other_key();

/// A host of dev servers below the folder. BOUGH_TEST_BINARIES names one more folder with server
/// programs.
std::unique_ptr<DevHost> test_host(const std::string& folder, const Key& key = test_key());

/// The instance of the major version in BOUGH_TEST_VERSION, else of the newest installed.
InstanceName test_instance(const DevHost& host);

/// Whom servers run as here: `postgres` when we are root, else ourselves.
std::optional<RunUser> test_user();

/// A dev server for the whole test program, quick because it does not sync its files. It is
/// stopped and removed at the end.
class TestServer {
 public:
  static TestServer& instance();

  const ServerAccess& access() const { return access_; }
  const std::string& folder() const { return folder_.path(); }
  DevHost& host() { return *host_; }
  std::string log() const;

  /// The rows of statements sent as the admin; a failure fails the test.
  Rows sql(const std::string& statements);
  /// The first field of the first row; empty when there is none.
  std::string value(const std::string& query);

  /// Ends the sessions that a query gives (as `pid`) and waits until it gives none.
  void end_sessions(const std::string& query);

  void stop();

 private:
  TestServer();

  TemporaryFolder folder_;
  std::unique_ptr<DevHost> host_;
  ServerAccess access_;
};

/// What the server says when a client logs in there.
Result<std::unique_ptr<Session>> log_in(const Endpoint& endpoint);

/// Names for tests: the database of branch `branch` of app `shop`.
Place place_of(const std::string& branch, const std::string& app = "shop");
Target target_of(const std::string& branch, const std::string& app = "shop");
Mark mark_of(const Target& at, Standing standing = Active{});
Step step_of(Action action);

}  // namespace bough::postgres
