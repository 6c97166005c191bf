#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "provisioners/postgres/session.h"
#include "reconciler/journal/journal.h"

namespace bough {

/// The journal's one connection.
struct Journal::State {
  explicit State(postgres::Login to) : login(std::move(to)) {}

  postgres::Login login;
  const long long owner = random_owner();
  std::mutex mutex;
  std::unique_ptr<postgres::Session> session;

  /// Any number; this bough's runs are known by it.
  static long long random_owner();
  /// Makes a lost connection anew.
  Result<void> connect();

  /// `preparation` names the statement that `sql` executes, if any.
  Result<postgres::Rows> run(const std::string& sql, const std::string& preparation = "");

  /// For reading, which may be sent twice: an idle connection may have died unnoticed.
  Result<postgres::Rows> ask(const std::string& sql);

  /// For what must be on the server's disk before anything else happens.
  Result<postgres::Rows> write_now(const std::string& sql);

  /// For results, which are observed again if the journal's server loses them.
  Result<void> write_lazily(const std::string& sql, const std::string& preparation = "");

  /// For results that nobody could observe again while this bough lives, and that may be written
  /// twice: sent again over a new connection, and kept until the server takes them.
  Result<void> insist(const std::string& sql, const std::string& preparation = "");

  struct Statement {
    std::string sql;
    std::string preparation;
  };
  std::deque<Statement> unsent;
  /// Sends what is kept; the mutex is held.
  Result<void> catch_up();
};

}  // namespace bough
