#include "provisioners/postgres/server.h"

#include <fmt/format.h>

#include <thread>

#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/rules.h"
#include "provisioners/postgres/scram.h"

namespace bough::postgres {
namespace {

constexpr int kOldest = 13;
constexpr std::chrono::seconds kSessionsEnd(5);
constexpr std::chrono::minutes kLongWork(30);  // removing the files of a very large database

const std::string kPatient = "SET statement_timeout = '29min';";

std::string joined(const Statements& statements) {
  std::string text;
  for (const std::string& statement : statements) text += statement + '\n';
  return text;
}

Result<void> send(Session& session, const std::string& text,
                  std::chrono::seconds silence = kSilence) {
  auto sent = session.run(text, silence);
  if (!sent) return sent.error();
  return {};
}

/// Ends sessions by the statement until none is left: one that is just starting shows up late.
Result<void> end_all(Session& session, const std::string& statement, const DatabaseName& name) {
  const auto until = std::chrono::steady_clock::now() + kSessionsEnd;
  while (true) {
    auto ended = session.run(statement);
    if (!ended) return ended.error();
    if (ended->front().front() == "0") return {};
    if (std::chrono::steady_clock::now() > until)
      return Error{Fault::unavailable,
                   fmt::format("sessions of {} do not end", printable(name.text()))};
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Result<void> supported(const Session& session) {
  if (session.version() >= kOldest) return {};
  return Error{Fault::refused, fmt::format("version {} is too old; bough needs PostgreSQL {} or "
                                           "newer",
                                           session.version(), kOldest)};
}

Result<std::string> privileges_and_version(Session& session) {
  if (auto fine = supported(session); !fine) return fine.error();
  auto rows = session.run(
      "SELECT r.rolsuper OR r.rolcreatedb, r.rolsuper OR r.rolcreaterole, "
      "pg_catalog.pg_is_in_recovery(), r.rolname::text, "
      "pg_catalog.current_setting('server_version') "
      "FROM pg_catalog.pg_roles r WHERE r.rolname = CURRENT_USER;");
  if (!rows) return rows.error();
  if (rows->empty()) return Error{Fault::broken, "the server does not know our own login"};
  const Row& row = rows->front();
  const std::string login = printable(row[3].value_or(""));
  if (row[2] == "t") return Error{Fault::denied, "it is a standby, which cannot be written to"};
  if (row[0] != "t")
    return Error{Fault::denied,
                 fmt::format("login {} lacks CREATEDB; ALTER ROLE … CREATEDB", login)};
  if (row[1] != "t")
    return Error{Fault::denied,
                 fmt::format("login {} lacks CREATEROLE; ALTER ROLE … CREATEROLE", login)};
  const std::string version = row[4].value_or("");
  return version.substr(0, version.find(' '));
}

}  // namespace

Server::Server(const ServerAccess& access, const Key& key, int connections)
    : instance_(access.instance), key_(key), login_(login_for(access)) {
  if (login_) pool_.emplace(*login_, connections);
}

Result<Contents> Server::observe() {
  if (!login_) return login_.error();
  return pool_->with_session<Contents>([this](Session& session) -> Result<Contents> {
    if (auto fine = supported(session); !fine) return fine.error();
    auto rows = session.run(contents_query());
    if (!rows) return rows.error();
    return read_contents(*rows, session.version(), key_);
  });
}

Result<std::string> Server::fingerprint() {
  if (!login_) return login_.error();
  return pool_->with_session<std::string>([](Session& session) -> Result<std::string> {
    auto rows = session.run(fingerprint_query());
    if (!rows) return rows.error();
    return rows->front().front().value_or("");
  });
}

Result<void> Server::apply(const Step& step) {
  auto done = std::visit([this](const auto& action) { return carry_out(action); }, step.action);
  return done ? done : within(instance_.text(), done.error());
}

Result<void> Server::carry_out(const CreateRole& create) {
  const Mark mark{create.at.place, create.at.name, 1, Active{}, std::nullopt};
  // The verifier takes milliseconds to compute: before any lock is held.
  const Fill fill{verifier(create.at, mark.generation), encode(mark, key_)};
  return transact(create.at, [&](const Facts& facts, int version) {
    return writes(create, facts, version, fill);
  });
}

Result<void> Server::carry_out(const CreateDatabase& create) {
  return write_alone(create.at, [&](const Facts& facts, int) { return writes(create, facts); });
}

Result<void> Server::carry_out(const GrantAccess& grant) {
  const auto password = [&] { return verifier(grant.at, grant.mark.generation); };
  const std::string mark = encode(grant.mark, key_);
  return transact(grant.at,
                  [&](const Facts& facts, int) { return writes(grant, facts, mark, password); });
}

Result<void> Server::carry_out(const SetStanding& set) {
  const bool opens = std::holds_alternative<Active>(set.mark.standing);
  const Fill fill{opens ? verifier(set.at, set.mark.generation) : "", encode(set.mark, key_)};
  auto written =
      transact(set.at, [&](const Facts& facts, int) { return writes(set, facts, fill); });
  // Only once the login is withdrawn for everybody to see: else a new session slips in between.
  if (!written || opens) return written;
  return end_sessions(set.at);
}

Result<void> Server::carry_out(const SetAside& set) {
  const Fill fill{"", encode(set.mark, key_)};
  return fenced(set.at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto statements = writes(set, facts, fill);
    if (!statements) return statements.error();
    if (auto closed = send(session, joined(closing(set))); !closed) return closed;
    if (auto ended = end_all(session, end_visits(set.at.name), set.at.name); !ended) return ended;
    return send(session, "BEGIN;" + joined(*statements) + "COMMIT;");
  });
}

Result<void> Server::carry_out(const DropDatabase& drop) {
  return write_alone(drop.at, [&](const Facts& facts, int) { return writes(drop, facts); });
}

Result<void> Server::carry_out(const DropRole& drop) {
  return transact(drop.at, [&](const Facts& facts, int) { return writes(drop, facts); });
}

Result<void> Server::carry_out(const StartInstance& start) {
  return Error{Fault::broken, start.instance.text() + " is not started by its own server"};
}
Result<void> Server::carry_out(const Build&) {
  return Error{Fault::broken, "a build is no step of a database server"};
}
Result<void> Server::carry_out(const Migrate&) {
  return Error{Fault::broken, "a migration is no step of a database server"};
}

Result<void> Server::record(const Target& at, const Mark& mark) {
  const std::string text = encode(mark, key_);
  return transact(at, [&](const Facts& facts, int) {
    auto statements = writes(at, facts, text);
    if (statements) statements->insert(statements->begin(), "SET LOCAL synchronous_commit = off;");
    return statements;
  });
}

// The log is written in order: a record that is waited for takes along all before it.
Result<void> Server::flush() {
  return pool_->with_session<void>([](Session& session) {
    return send(session, "SELECT pg_catalog.pg_logical_emit_message(true, 'bough', '');");
  });
}

Result<void> Server::end_sessions(const Target& at) {
  return fenced(at, [&](Session& session, const Facts& facts) -> Result<void> {
    if (auto may = may_end_sessions(at, facts); !may || !facts.role) return may;
    return end_all(session, postgres::end_sessions(at.name), at.name);
  });
}

Result<void> Server::acquire_lease(std::chrono::milliseconds patience) {
  if (!login_) return login_.error();
  return lease_.acquire(*login_, patience);
}

void Server::release_lease() {
  lease_.release();
}

Endpoint Server::endpoint(const Mark& mark) const {
  const std::string& name = mark.name.text();
  const std::string password = key_.password(instance_.text(), name, mark.generation).reveal();
  const Reach reach = login_ ? login_->clients : Reach{};
  return {Engine::pg, reach.host, reach.port, name, name, password, reach.sslmode, reach.ca_cert};
}

Result<std::string> Server::test() {
  if (!login_) return login_.error();
  auto session = Session::open(*login_);
  if (!session) return session.error();
  auto version = privileges_and_version(**session);
  if (!version) return within("server " + login_->where, version.error());
  return version;
}

Result<void> Server::check(const Target& at) const {
  if (!login_) return login_.error();
  if (at.instance != instance_)
    return Error{Fault::broken, fmt::format("a step for instance {} was given to {}",
                                            at.instance.text(), instance_.text())};
  if (auto wrong = unfit(at.name.text()))
    return Error{Fault::invalid,
                 fmt::format("the name {} cannot be used: {}", printable(at.name.text()), *wrong)};
  return {};
}

std::string Server::verifier(const Target& at, int generation) const {
  return scram_verifier(key_.password(instance_.text(), at.name.text(), generation));
}

/// What is there, once `before` (which takes the fence) has run in the same round trip.
Result<Facts> Server::look(Session& session, const Target& at, const std::string& before) {
  const auto holder = lease_.holder();
  if (!holder) return Error{Fault::stale, "no lease is held"};
  auto rows = session.run(session.once(facts_preparation()) + before +
                          facts_query(at.name.text(), *holder));
  if (!rows) return rows.error();
  Facts facts = read_facts(*rows, at.name.text(), key_);
  if (!facts.lease) return Error{Fault::stale, "the lease is lost; look again"};
  return facts;
}

/// A transaction in two round trips: fence and look, then all statements and the commit.
Result<void> Server::transact(const Target& at, const Decision& decide) {
  if (auto fine = check(at); !fine) return fine;
  return pool_->with_session<void>([&](Session& session) {
    auto done = transact_in(session, at, decide);
    if (!done && !send(session, "ROLLBACK;")) session.discard();
    return done;
  });
}

Result<void> Server::transact_in(Session& session, const Target& at, const Decision& decide) {
  auto facts = look(session, at, "BEGIN;" + fence_for_transaction());
  if (!facts) return facts.error();
  auto statements = decide(*facts, session.version());
  if (!statements) return statements.error();
  return send(session, joined(*statements) + "COMMIT;");
}

/// Calls `work` with the fence held, for what cannot run in a transaction.
Result<void> Server::fenced(const Target& at, const Work& work) {
  if (auto fine = check(at); !fine) return fine;
  return pool_->with_session<void>([&](Session& session) -> Result<void> {
    auto facts = look(session, at, kPatient + fence());
    auto done = facts ? work(session, *facts) : Result<void>(facts.error());
    // The lock outlives a failed statement, so a session that may still hold it is thrown away.
    auto freed = session.run("RESET statement_timeout;" + unfence());
    if (!freed || freed->front().front() != "t") session.discard();
    return done;
  });
}

Result<void> Server::write_alone(const Target& at, const Decision& decide) {
  return fenced(at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto statements = decide(facts, session.version());
    if (!statements) return statements.error();
    return statements->empty() ? Result<void>() : send(session, joined(*statements), kLongWork);
  });
}

}  // namespace bough::postgres
