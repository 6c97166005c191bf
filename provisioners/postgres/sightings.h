#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "provisioners/postgres/session.h"
#include "spec/rehearsal.h"

namespace bough::postgres {

/// The schema that the watch keeps its notes in, while it is there.
inline constexpr const char* kWatchSchema = "bough_rehearsal";

/// Watches a database from inside (event triggers, which see every statement that changes
/// definitions) and from outside (a look at the locks every few milliseconds, for all others).
/// REQUIRES a superuser, and a server with track_commit_timestamp.
class Watching {
 public:
  static Result<std::unique_ptr<Watching>> begin(const Login& login);
  ~Watching();

  /// What happened since; leaves nothing in the database. REQUIRES that its clients are gone.
  Result<Sightings> end();

 private:
  struct Seen {
    LockingStatement statement;
    std::chrono::steady_clock::time_point first;
    std::chrono::steady_clock::time_point last;
  };
  explicit Watching(std::unique_ptr<Session> session) : session_(std::move(session)) {}
  void look_at_locks(Session& session);
  void note(const Row& row);

  std::unique_ptr<Session> session_;
  std::map<std::string, Seen> seen_;  ///< by transaction, table and mode
  std::mutex mutex_;
  std::jthread looking_;
};

/// The statements of the event triggers' notes (transaction, tag, text, milliseconds, locks), each
/// lock with the statement that took it first in its transaction.
std::vector<LockingStatement> locking_statements(const Rows& notes);

}  // namespace bough::postgres
