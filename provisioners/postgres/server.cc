#include "provisioners/postgres/server.h"

#include <fmt/format.h>

#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/rules.h"
#include "provisioners/postgres/scram.h"
#include "provisioners/postgres/sending.h"

namespace bough::postgres {
namespace {

const std::string kPatient = "SET statement_timeout = '29min';";

}  // namespace

Server::Server(const ServerAccess& access, const Key& key, int connections)
    : instance_(access.instance),
      key_(key),
      login_(login_for(access)),
      data_folder_(access.data_folder) {
  if (login_) pool_.emplace(*login_, connections);
}

Result<Contents> Server::observe() {
  if (!login_) return login_.error();
  return pool_->with_session<Contents>([this](Session& session) -> Result<Contents> {
    if (auto fine = supported(session); !fine) return fine.error();
    auto rows = session.run(contents_query());
    if (!rows) return rows.error();
    Contents contents = read_contents(*rows, session.version(), key_);
    const std::lock_guard guard(making_mutex_);
    for (auto& [name, stock] : contents.stock) stock.busy = making_.contains(name);
    return contents;
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
  return create_role(create, {create.at.place, create.at.name, 1, Active{}, std::nullopt});
}

Result<void> Server::create_role(const CreateRole& create, const Mark& mark) {
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

Result<void> Server::carry_out(const DumpDatabase&) {
  return Error{Fault::broken, "a dump needs a file"};
}
Result<void> Server::carry_out(const FillDatabase&) {
  return Error{Fault::broken, "a database is filled from a file"};
}
Result<void> Server::carry_out(const TrustSources& trust) {
  return Error{Fault::broken, trust.at.instance.text() + " is not trusted by its own server"};
}
Result<void> Server::carry_out(const StartInstance& start) {
  return Error{Fault::broken, start.instance.text() + " is not started by its own server"};
}
Result<void> Server::commands() {
  return Error{Fault::broken, "commands are no step of a database server"};
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
  auto facts = facts_about(session, at.name, before);
  if (facts && !facts->lease) return Error{Fault::stale, "the lease is lost; look again"};
  return facts;
}

Result<Facts> Server::facts_about(Session& session, const DatabaseName& name,
                                  const std::string& before) {
  const auto holder = lease_.holder();
  if (!holder) return Error{Fault::stale, "no lease is held"};
  auto rows =
      session.run(session.once(facts_preparation()) + before + facts_query(name.text(), *holder));
  if (!rows) return rows.error();
  return read_facts(*rows, name.text(), key_);
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
