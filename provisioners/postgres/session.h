#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provisioners/postgres/login.h"
#include "spec/result.h"

namespace bough::postgres {

using Row = std::vector<std::optional<std::string>>;
using Rows = std::vector<Row>;

/// Longer than the server's own statement_timeout, which gives the better message.
constexpr std::chrono::seconds kSilence(75);

/// One connection to a server. Not thread-safe. Nothing waits for ever: the server has limits for
/// statements and locks, and a silent server counts as lost.
class Session {
 public:
  /// Connects; an Error says which of name, port, TLS, login or database is wrong.
  static Result<std::unique_ptr<Session>> open(const Login& login);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Sends one or more statements, in one transaction unless they say otherwise; the rows of the
  /// last one. The connection is lost when there is no answer within `silence`.
  Result<Rows> run(const std::string& statements, std::chrono::seconds silence = kSilence);

  /// The statement when this is the first time that it is asked for, else nothing: for what stays
  /// set up in the session. Goes at the start of the next run().
  std::string once(const std::string& statement);

  /// Whether the connection is lost, so that nothing more can come of it.
  bool lost() const;

  /// Makes the session count as lost: its state is not known to be clean.
  void discard();

  /// The server's major version.
  int version() const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bough::postgres
