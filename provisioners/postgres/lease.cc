#include "provisioners/postgres/lease.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "provisioners/postgres/session.h"

namespace bough::postgres {
namespace {

using Clock = std::chrono::steady_clock;

// The two-number form of an advisory lock: "boug" in ASCII, then which one.
constexpr int kClass = 0x626f7567;
constexpr int kLease = 1;
constexpr int kFence = 2;
constexpr std::chrono::milliseconds kPoll(20);

std::string call(std::string_view function, int lock) {
  return fmt::format("SELECT pg_catalog.{}({}, {});", function, kClass, lock);
}

/// The sessions that hold the lease: one row at most. Functions in place of the views over them,
/// which ask for much more.
std::string holders(std::string_view process) {
  return fmt::format(
      "pg_catalog.pg_lock_status() l, LATERAL pg_catalog.pg_stat_get_activity({}) a "
      "WHERE l.locktype = 'advisory' AND l.classid = {} AND l.objid = {} AND l.objsubid = 2 "
      "AND l.granted AND l.mode = 'ExclusiveLock' AND l.pid = {} AND l.database = (SELECT oid FROM "
      "pg_catalog.pg_database WHERE datname = pg_catalog.current_database())",
      process, kClass, kLease, process);
}

// A process id comes back for another session; with the microsecond of its start it does not.
constexpr std::string_view kStart =
    "(extract(epoch FROM a.backend_start) * 1000000)::pg_catalog.int8";

Result<bool> try_lock(Session& session) {
  auto rows = session.run(call("pg_try_advisory_lock", kLease));
  if (!rows) return rows.error();
  return rows->front().front() == "t";
}

Error held_by_another(Session& session) {
  auto rows = session.run(
      "SELECT a.application_name, a.pid, pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', "
      "'YYYY-MM-DD HH24:MI:SS\" UTC\"') FROM " +
      holders("l.pid") + ";");
  if (!rows || rows->empty())
    return {Fault::locked, "another bough is at work on this server; try again"};
  const Row& row = rows->front();
  return {Fault::locked,
          fmt::format("another bough is at work on this server: {} (server process {}, since {})",
                      row[0].value_or("unknown"), row[1].value_or("unknown"),
                      row[2].value_or("unknown"))};
}

Result<void> lock(Session& session, Clock::time_point until) {
  while (true) {
    auto got = try_lock(session);
    if (!got) return got.error();
    if (*got) return {};
    const auto left = until - Clock::now();
    if (left <= Clock::duration::zero()) return held_by_another(session);
    std::this_thread::sleep_for(std::min<Clock::duration>(left, kPoll));
  }
}

/// Waits until no write of an earlier holder is under way.
Result<void> pass_fence(Session& session) {
  auto passed = session.run(call("pg_advisory_lock", kFence));
  if (!passed && passed.error().fault == Fault::unavailable && !session.lost())
    return Error{Fault::locked, "a write of the lease's last holder is still under way; try again"};
  if (!passed) return passed.error();
  auto left = session.run(call("pg_advisory_unlock", kFence));
  if (!left) return left.error();
  return {};
}

Result<std::string> holder_of(Session& session) {
  auto rows =
      session.run(fmt::format("SELECT a.pid, {} FROM "
                              "pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) a;",
                              kStart));
  if (!rows) return rows.error();
  const Row& row = rows->front();
  return fmt::format("{}, {}", *row[0], *row[1]);
}

/// The lease's session is idle for as long as the lease is held.
Result<void> stay_idle(Session& session) {
  if (session.version() < 14) return {};
  auto set = session.run("SET idle_session_timeout = 0;");
  if (!set) return set.error();
  return {};
}

Result<void> take(Session& session, Clock::time_point until) {
  if (auto idle = stay_idle(session); !idle) return idle;
  if (auto locked = lock(session, until); !locked) return locked;
  return pass_fence(session);
}

}  // namespace

Lease::Lease() = default;
Lease::~Lease() = default;

Result<void> Lease::acquire(const Login& login, std::chrono::milliseconds patience) {
  const auto until = Clock::now() + patience;
  const std::lock_guard turn(acquiring_);
  {
    const std::lock_guard guard(mutex_);
    if (session_ && session_->run("SELECT 1;")) return {};
    session_.reset();
  }
  auto session = rested(login);
  if (!session) return session.error();
  if (auto taken = take(**session, until); !taken) return taken;
  auto holder = holder_of(**session);
  if (!holder) return holder.error();
  const std::lock_guard guard(mutex_);
  session_ = *std::move(session);
  holder_ = *std::move(holder);
  return {};
}

/// The session of the last lease if it still answers: a new one costs a login.
Result<std::unique_ptr<Session>> Lease::rested(const Login& login) {
  std::unique_ptr<Session> session;
  {
    const std::lock_guard guard(mutex_);
    session = std::move(resting_);
  }
  if (session && session->run("SELECT 1;")) return session;
  return Session::open(login);
}

void Lease::release() {
  const std::lock_guard guard(mutex_);
  // Unlocked by word: the server notices a closed connection only a moment later.
  if (session_ && session_->run(call("pg_advisory_unlock", kLease))) resting_ = std::move(session_);
  session_.reset();
}

std::optional<std::string> Lease::holder() const {
  const std::lock_guard guard(mutex_);
  if (!session_) return std::nullopt;
  return holder_;
}

std::string lease_stands(std::string_view process, std::string_view start) {
  return fmt::format("EXISTS (SELECT FROM {} AND {} = {})", holders(process), kStart, start);
}

std::string fence_for_transaction() {
  return call("pg_advisory_xact_lock_shared", kFence);
}
std::string fence() {
  return call("pg_advisory_lock_shared", kFence);
}
std::string unfence() {
  return call("pg_advisory_unlock_shared", kFence);
}

}  // namespace bough::postgres
