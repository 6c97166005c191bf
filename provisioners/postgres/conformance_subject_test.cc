#include <fmt/format.h>
#include <gtest/gtest.h>

#include "provisioners/conformance_test.h"
#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/server.h"
#include "provisioners/postgres/testing.h"

namespace bough {
namespace {

using namespace postgres;

Result<void> ask(const Endpoint& endpoint, const std::string& question) {
  auto session = postgres::log_in(endpoint);
  if (!session) return session.error();
  auto asked = (*session)->run(question);
  if (!asked) return asked.error();
  return {};
}

class PostgresSubject final : public Subject {
 public:
  InstanceName instance() const override { return TestServer::instance().access().instance; }

  std::unique_ptr<Provisioner> connect() override {
    return std::make_unique<Server>(TestServer::instance().access(), test_key(), 4);
  }

  Result<void> log_in(const Endpoint& endpoint) override { return ask(endpoint, "SELECT 1;"); }
  Result<void> write(const Endpoint& endpoint) override {
    return ask(endpoint, "CREATE TABLE written (id int);");
  }
  bool wrote(const Endpoint& endpoint) override {
    return static_cast<bool>(ask(endpoint, "SELECT FROM written;"));
  }

  void make_foreign(const std::string& name) override {
    TestServer::instance().sql(fmt::format("CREATE ROLE {} LOGIN CREATEDB;", identifier(name)));
    TestServer::instance().sql(
        fmt::format("CREATE DATABASE {} OWNER {};", identifier(name), identifier(name)));
  }

  bool foreign_is_untouched(const std::string& name) override {
    return TestServer::instance().value(fmt::format(
               "SELECT rolcanlogin AND rolcreatedb AND rolpassword IS NULL AND d.datacl IS NULL "
               "AND shobj_description(d.oid, 'pg_database') IS NULL FROM pg_authid r, "
               "pg_database d WHERE rolname = {0} AND datname = {0} AND d.datdba = r.oid;",
               literal(name))) == "t";
  }

  void cut_lease(Provisioner&) override {
    // Both provisioners of a test are this process; the lock tells which session is the lease.
    TestServer::instance().end_sessions(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND "
        "mode = 'ExclusiveLock' AND granted");
  }
};

}  // namespace

Subject& conformance_subject() {
  static PostgresSubject subject;
  return subject;
}

}  // namespace bough
