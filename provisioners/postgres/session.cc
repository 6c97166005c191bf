#include "provisioners/postgres/session.h"

#include <fmt/format.h>

#include <pqxx/pqxx>

#include <set>
#include <utility>

#include "provisioners/postgres/certificate.h"
#include "provisioners/postgres/failure.h"
#include "provisioners/postgres/watch.h"

namespace bough::postgres {
namespace {

Rows rows_of(const pqxx::result& result) {
  Rows rows;
  rows.reserve(result.size());
  for (const auto& from : result) {
    Row row;
    row.reserve(from.size());
    for (const auto& field : from) {
      if (field.is_null()) {
        row.emplace_back();
      } else {
        row.emplace_back(std::string(field.c_str(), field.size()));
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The SQLSTATE of an error; libpqxx 6 leaves it out of the exceptions that have a class of their
/// own.
std::string state_of(const pqxx::sql_error& error) {
  if (!error.sqlstate().empty()) return error.sqlstate();
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error)) return "42501";
  if (dynamic_cast<const pqxx::insufficient_resources*>(&error)) return "53000";
  if (dynamic_cast<const pqxx::feature_not_supported*>(&error)) return "0A000";
  if (dynamic_cast<const pqxx::data_exception*>(&error)) return "22000";
  return "42601";
}

}  // namespace

struct Session::State {
  State(const std::string& conninfo, std::string where_)
      : connection(conninfo), quiet(connection), where(std::move(where_)) {}

  pqxx::connection connection;
  pqxx::quiet_errorhandler quiet;  // libpqxx would write notices to our standard error
  std::string where;
  std::set<std::string, std::less<>> done_once;
  bool lost = false;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

namespace {

/// Why there is no connection; libpq does not tell a certificate's age from its authority.
Error why(const std::string& text, const Login& login) {
  if (text.find("certificate verify failed") != std::string::npos) {
    const std::string trouble = certificate_trouble(login.clients);
    if (trouble.ends_with("expired") || trouble.ends_with("not yet valid"))
      return {Fault::denied,
              fmt::format("server {}: its {}; renew it there", login.where, trouble)};
  }
  return connect_failure(text, login.where);
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const Login& login) {
  try {
    auto state = std::make_unique<State>(login.conninfo.reveal(), login.where);
    return std::unique_ptr<Session>(new Session(std::move(state)));
  } catch (const std::exception& e) {
    return why(e.what(), login);
  }
}

Result<Rows> Session::run(const std::string& statements, std::chrono::seconds silence) {
  if (lost()) return Error{Fault::unavailable, "the connection to " + state_->where + " is lost"};
  try {
    const Watch watch(state_->connection.sock(), silence);
    pqxx::nontransaction work(state_->connection);
    return rows_of(work.exec(statements));
  } catch (const pqxx::sql_error& e) {
    const std::string sqlstate = state_of(e);
    state_->lost = ends_session(sqlstate) || !state_->connection.is_open();
    if (!state_->lost) return Error{fault_of(sqlstate), message_of(e.what())};
  } catch (const std::exception&) {
    state_->lost = true;  // libpqxx has no useful text for this
  }
  return Error{Fault::unavailable, "server " + state_->where + " ended the connection"};
}

std::string Session::once(const std::string& statement) {
  return state_->done_once.insert(statement).second ? statement : "";
}

bool Session::lost() const {
  return state_->lost;
}
void Session::discard() {
  state_->lost = true;
}
int Session::version() const {
  return state_->connection.server_version() / 10000;
}

}  // namespace bough::postgres
