// How databases come to places and leave them; server.cc has what surrounds that.
#include <fmt/format.h>

#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/rules.h"
#include "provisioners/postgres/sending.h"
#include "provisioners/postgres/server.h"

namespace bough::postgres {
namespace {

/// The logins that may connect now, but superusers and those of any bough.
std::string visitors_query(const DatabaseName& name) {
  return fmt::format(
      "SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.rolcanlogin AND NOT r.rolsuper"
      " AND pg_catalog.has_database_privilege(r.oid, {0}, 'CONNECT')"
      " AND NOT coalesce(pg_catalog.starts_with(pg_catalog.shobj_description(r.oid, 'pg_authid'), "
      "'bough '), false) ORDER BY 1;",
      literal(name.text()));
}

/// The owner; whether it is a superuser; whether the server or bough itself needs the database; how
/// many databases the owner has.
std::string owner_query(const DatabaseName& name) {
  return fmt::format(
      "SELECT r.rolname::text, r.rolsuper, d.datistemplate OR d.datname IN ('postgres', "
      "'bough_journal', pg_catalog.current_database()), (SELECT count(*) FROM "
      "pg_catalog.pg_database o WHERE o.datdba = r.oid) FROM pg_catalog.pg_database d JOIN "
      "pg_catalog.pg_roles r ON r.oid = d.datdba WHERE d.datname = {};",
      literal(name.text()));
}

Result<void> may_adopt(const AdoptDatabase& adopt, const Row& row) {
  const std::string owner = printable(row[0].value_or(""));
  const auto refuse = [](std::string why) { return Error{Fault::refused, std::move(why)}; };
  if (row[2] == "t")
    return refuse(printable(adopt.at.name.text()) + " belongs to the server, or to bough itself");
  if (row[1] == "t")
    return refuse(
        fmt::format("its owner {} is a superuser, and the login of an environment must "
                    "not act as one: ALTER DATABASE … OWNER TO another role, and REASSIGN "
                    "what is in it",
                    owner));
  if (adopt.reown && row[3] != "1")
    return refuse(
        fmt::format("its owner {} has other databases too, which would change their "
                    "owner with it; adopt it without changing owners",
                    owner));
  return {};
}

/// What a role owns or may do outside of its own database: each database, its owner, its comment,
/// whether the role owns something there, whether the owner has privileges on the whole server.
std::string elsewhere_query(const DatabaseName& name) {
  return fmt::format(
      "SELECT d.datname::text, o.rolname::text, s.description, "
      "pg_catalog.bool_or(p.deptype = 'o'), "
      "o.rolsuper OR o.rolcreaterole OR o.rolcreatedb OR o.rolreplication OR o.rolbypassrls "
      "FROM pg_catalog.pg_shdepend p JOIN pg_catalog.pg_roles r ON r.oid = p.refobjid AND "
      "r.rolname = {} JOIN pg_catalog.pg_database d ON d.oid = p.dbid JOIN pg_catalog.pg_roles o "
      "ON o.oid = d.datdba LEFT JOIN pg_catalog.pg_shdescription s ON s.objoid = d.oid AND "
      "s.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass WHERE p.refclassid = "
      "'pg_catalog.pg_authid'::pg_catalog.regclass GROUP BY 1, 2, 3, 5 ORDER BY 1;",
      literal(name.text()));
}

/// A function of the branch's may be one that runs as its owner, for whoever calls it.
Error not_given_away(const DatabaseName& role, const std::string& database,
                     const std::string& owner) {
  return {Fault::refused,
          fmt::format("role {0} owns something in {1}, whose owner {2} may do more than a branch, "
                      "so it is not given to {2}: look at it, and DROP OWNED BY {0} in {1}",
                      printable(role.text()), printable(database), printable(owner))};
}

/// Privileges on things of the whole server, such as other databases.
std::string shared_query(const DatabaseName& name) {
  return fmt::format(
      "SELECT FROM pg_catalog.pg_shdepend p JOIN pg_catalog.pg_roles r ON r.oid = p.refobjid AND "
      "r.rolname = {} WHERE p.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND p.dbid "
      "= 0;",
      literal(name.text()));
}

/// Gives what the role owns in the session's database to `heir`; then nothing there knows it.
std::string leave(const std::string& role, const std::string& heir) {
  return fmt::format("BEGIN; REASSIGN OWNED BY {0} TO {1}; DROP OWNED BY {0}; COMMIT;",
                     identifier(role), identifier(heir));
}

std::string drop_privileges(const DatabaseName& role) {
  return fmt::format("DROP OWNED BY {};", identifier(role.text()));
}

/// What lets everybody who may connect by way of PUBLIC do so by name.
Result<Statements> keep_visitors(Session& session, const DatabaseName& name) {
  auto logins = session.run(visitors_query(name));
  if (!logins) return logins.error();
  Statements all;
  for (const Row& login : *logins)
    all.push_back(fmt::format("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {};",
                              identifier(name.text()), identifier(login[0].value_or(""))));
  return all;
}

}  // namespace

Result<std::unique_ptr<Session>> Server::session_in(const DatabaseName& database) const {
  auto session = Session::open(login_->to(database.text()));
  if (!session) return within(printable(database.text()), session.error());
  // The fence is another session's: what is sent here ends soon after we do, where a server can
  // tell; some systems cannot.
  if ((*session)->version() >= 14)
    static_cast<void>(send(**session, "SET client_connection_check_interval = '500ms';"));
  return session;
}

/// What is in a scratch database belongs to its own login, which goes.
Result<void> Server::hand_over(const PutInPlace& put) {
  auto session = session_in(put.at.name);
  if (!session) return session.error();
  return send(**session, leave(put.at.name.text(), put.mark.name.text()), kLongWork);
}

Result<void> Server::carry_out(const PutInPlace& put) {
  const Fill fill{verifier({put.at.instance, put.at.place, put.mark.name}, put.mark.generation),
                  encode(put.mark, key_)};
  return fenced(put.at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto then = look(session, {put.at.instance, put.at.place, put.mark.name}, "");
    if (!then) return then.error();
    auto statements = writes(put, facts, *then, fill);
    if (!statements) return statements.error();
    const bool scratch = facts.role && facts.role->mark && facts.role->mark->place == put.at.place;
    if (scratch)
      if (auto handed = hand_over(put); !handed) return handed;
    if (auto closed = send(session, joined(closing(put))); !closed) return closed;
    if (auto ended = end_all(session, end_visits(put.at.name), put.at.name); !ended) return ended;
    if (scratch)
      statements->push_back(fmt::format("DROP ROLE {};", identifier(put.at.name.text())));
    return send(session, "BEGIN;" + joined(*statements) + "COMMIT;");
  });
}

Result<void> Server::carry_out(const MoveDatabase& move) {
  Mark mark = move.from;
  mark.place = move.at.place;
  const Fill fill{"", encode(mark, key_)};
  return transact(move.at, [&](const Facts& facts, int) { return writes(move, facts, fill); });
}

Result<void> Server::carry_out(const AdoptDatabase& adopt) {
  const Fill fill{verifier(adopt.at, adopt.mark.generation), encode(adopt.mark, key_)};
  return fenced(adopt.at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto statements = writes(adopt, facts, session.version(), fill);
    if (!statements) return statements.error();
    auto owner = session.run(owner_query(adopt.at.name));
    if (!owner) return owner.error();
    if (auto fine = may_adopt(adopt, owner->front()); !fine) return fine;
    auto all = keep_visitors(session, adopt.at.name);
    if (!all) return all.error();
    all->insert(all->end(), statements->begin(), statements->end());
    const std::string name = identifier(adopt.at.name.text());
    if (adopt.reown)
      all->push_back(fmt::format("ALTER DATABASE {0} OWNER TO {0}; REASSIGN OWNED BY {1} TO {0};",
                                 name, identifier(owner->front()[0].value_or(""))));
    auto inside = session_in(adopt.at.name);
    if (!inside) return inside.error();
    return send(**inside, "BEGIN;" + joined(*all) + "COMMIT;", kLongWork);
  });
}

Result<void> Server::carry_out(const DropDatabase& drop) {
  return fenced(drop.at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto statements = writes(drop, facts);
    if (!statements) return statements.error();
    if (statements->empty()) return {};
    if (facts.database->broken) return send(session, joined(*statements), kLongWork);
    // Clients that come again and again would otherwise get in between two attempts.
    auto done = send(session, joined(closing(drop)));
    if (done) done = end_all(session, end_visits(drop.at.name), drop.at.name);
    if (done) done = send(session, joined(*statements), kLongWork);
    if (!done && facts.database->open)
      static_cast<void>(send(session, fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS true;",
                                                  identifier(drop.at.name.text()))));
    return done ? done : within(printable(drop.at.name.text()) + " stays", done.error());
  });
}

/// Else the role could not go. What it owns elsewhere falls to the owner of that database, unless
/// that one may do more than a branch; what was set aside waits for its own end.
Result<void> Server::empty_elsewhere(const Target& at, Session& session) {
  auto databases = session.run(elsewhere_query(at.name));
  if (!databases) return databases.error();
  for (const Row& row : *databases) {
    const std::string name = row[0].value_or("");
    const auto mark = decode(row[2].value_or(""), name, key_);
    if (mark && mark->place == at.place)
      return Error{Fault::refused, fmt::format("role {} owns what is in {}, which is kept",
                                               printable(at.name.text()), printable(name))};
    const std::string owner = row[1].value_or("");
    const bool owns = row[3] == "t";
    if (owns && row[4] == "t") return not_given_away(at.name, name, owner);
    auto inside = session_in(*DatabaseName::parse(name));
    if (!inside) return inside.error();
    auto left =
        send(**inside, owns ? leave(at.name.text(), owner) : drop_privileges(at.name), kLongWork);
    if (!left) return within("what its role has in " + printable(name), left.error());
  }
  auto shared = session.run(shared_query(at.name));
  if (!shared) return shared.error();
  if (shared->empty()) return {};
  return send(session, drop_privileges(at.name));
}

Result<void> Server::carry_out(const DropRole& drop) {
  return fenced(drop.at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto statements = writes(drop, facts);
    if (!statements) return statements.error();
    if (statements->empty()) return {};
    auto done = send(session, joined(*statements));
    if (done) return done;
    if (auto left = empty_elsewhere(drop.at, session); !left) return left;
    return send(session, joined(*statements));
  });
}

}  // namespace bough::postgres
