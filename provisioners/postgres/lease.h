#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "provisioners/postgres/login.h"
#include "spec/result.h"

namespace bough::postgres {

class Session;

/// The right to be the server's one writer: an advisory lock of the maintenance database, held by a
/// session of its own. Every write holds a second lock (the fence) in share mode while it checks
/// that the first still stands and writes; who takes the lease then waits for the fence once, so
/// when acquire() returns nothing of an earlier holder is under way or can still begin, but for
/// what goes through a session in another database: adopting one, handing over what is in it,
/// making extensions, pg_restore. When bough is killed, a transaction of these may go on for a
/// while; then it is whole or undone. Two bough that name different maintenance databases in their
/// URLs do not see each other. Thread-safe.
class Lease {
 public:
  Lease();
  ~Lease();

  /// Takes the lease; fine when this object has it. Fault::locked, naming the holder, after
  /// `patience`.
  Result<void> acquire(const Login& login, std::chrono::milliseconds patience);
  void release();

  /// The session that holds the lease, as two SQL numbers: its process and the microsecond of its
  /// start. Nothing without a lease.
  std::optional<std::string> holder() const;

 private:
  Result<std::unique_ptr<Session>> rested(const Login& login);

  std::mutex acquiring_;
  mutable std::mutex mutex_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Session> resting_;  ///< kept between leases
  std::string holder_;
};

/// An SQL condition: the session of that process and start (SQL expressions) holds the lease.
std::string lease_stands(std::string_view process, std::string_view start);

/// Statements that take the fence in share mode: until the transaction ends, or until unfence().
std::string fence_for_transaction();
std::string fence();
std::string unfence();

}  // namespace bough::postgres
