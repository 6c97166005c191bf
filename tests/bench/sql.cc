#include "tests/bench/sql.h"

#include <libpq-fe.h>

#include "spec/handle.h"
#include "tests/bench/spawn.h"

namespace bough::bench {

using Answer = Handle<PGresult, PQclear>;

Connection::Connection(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str())) {
  if (PQstatus(connection_.get()) != CONNECTION_OK)
    give_up(std::string("connecting: ") + PQerrorMessage(connection_.get()));
  PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);
}

void Connection::Close::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

std::string Connection::run(std::string_view statements) {
  const std::string text(statements);
  const Answer answer(PQexec(connection_.get(), text.c_str()));
  const auto status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    give_up(text + ": " + PQresultErrorMessage(answer.get()));
  return PQntuples(answer.get()) > 0 ? PQgetvalue(answer.get(), 0, 0) : "";
}

std::string identifier(std::string_view name) {
  return '"' + std::string(name) + '"';
}
std::string literal(std::string_view text) {
  return '\'' + std::string(text) + '\'';
}

}  // namespace bough::bench
