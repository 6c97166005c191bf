// What Server does for databases and roles that are there already; server.cc has their beginning,
// standing and end.
#include <fmt/format.h>

#include "provisioners/postgres/extensions.h"
#include "provisioners/postgres/failure.h"
#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/rules.h"
#include "provisioners/postgres/sending.h"
#include "provisioners/postgres/server.h"

namespace bough::postgres {
namespace {

Result<std::string> version_of(Session& session) {
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
  const auto lacks = [&](const char* privilege, const char* what) {
    return Error{Fault::denied,
                 fmt::format("login {} lacks {}, without which bough can make no {} there; have a "
                             "superuser run ALTER ROLE {} {}",
                             login, privilege, what, identifier(login), privilege)};
  };
  if (row[2] == "t") return Error{Fault::denied, "it is a standby, which cannot be written to"};
  if (row[0] != "t") return lacks("CREATEDB", "database");
  if (row[1] != "t") return lacks("CREATEROLE", "login");
  const std::string version = row[4].value_or("");
  return version.substr(0, version.find(' '));
}

Result<std::vector<std::string>> notes_of(Session& session) {
  auto rows = session.run(
      "SELECT pg_catalog.current_setting('is_superuser') = 'on', "
      "(SELECT pg_catalog.string_agg(d.datname, ', ' ORDER BY d.datname) "
      "FROM pg_catalog.pg_database d WHERE d.datname IN ('postgres', 'template1') "
      "AND pg_catalog.has_database_privilege('public', d.oid, 'CONNECT')), "
      "pg_catalog.current_setting('max_connections')::int - "
      "(SELECT count(*) FROM pg_catalog.pg_stat_activity a "
      "WHERE a.backend_type = 'client backend');");
  if (!rows) return rows.error();
  const Row& row = rows->front();
  std::vector<std::string> notes;
  if (row[1])
    notes.push_back(fmt::format(
        "everybody may connect to {}, so every branch's login may, too; its owner can end that: "
        "REVOKE CONNECT, TEMPORARY ON DATABASE … FROM PUBLIC",
        *row[1]));
  if (row[0] != "t")
    notes.push_back(
        "bough's login is no superuser: only trusted extensions can be made, and a password that "
        "was changed by others is only noticed by trying it");
  if (std::atoi(row[2].value_or("0").c_str()) < 10)
    notes.push_back(fmt::format("only {} of its connections are free", row[2].value_or("0")));
  return notes;
}

}  // namespace

Result<void> Server::carry_out(const RestrictRole& to) {
  auto written =
      transact(to.at, [&](const Facts& facts, int version) { return writes(to, facts, version); });
  // A session keeps the settings that it began with.
  if (!written || to.writes == Writes::allowed) return written;
  return end_sessions(to.at);
}

Result<void> Server::carry_out(const SetPassword& set) {
  const Fill fill{verifier(set.at, set.mark.generation), encode(set.mark, key_)};
  return transact(set.at, [&](const Facts& facts, int) { return writes(set, facts, fill); });
}

Result<void> Server::carry_out(const RenameBack& back) {
  return fenced(back.at, [&](Session& session, const Facts& then) -> Result<void> {
    if (back.role)
      if (auto renamed = rename_role(session, back, then); !renamed) return renamed;
    return back.database ? rename_database(session, back, then) : Result<void>();
  });
}

Result<void> Server::rename_role(Session& session, const RenameBack& back, const Facts& then) {
  auto now = facts_about(session, *back.role, "");
  if (!now) return now.error();
  if (auto may = may_rename_role(back, *now, then); !may) return may;
  return send(session, joined(postgres::rename_role(back)));
}

Result<void> Server::rename_database(Session& session, const RenameBack& back, const Facts& then) {
  auto now = facts_about(session, *back.database, "");
  if (!now) return now.error();
  if (auto may = may_rename_database(back, *now, then); !may) return may;
  if (auto closed = send(session, close_database(*back.database)); !closed) return closed;
  if (auto ended = end_all(session, end_visits(*back.database), *back.database); !ended)
    return ended;
  return send(session, "BEGIN;" + joined(postgres::rename_database(back)) + "COMMIT;");
}

Result<void> Server::carry_out(const MakeExtensions& make) {
  const std::string mark = encode(make.mark, key_);
  auto done = fenced(make.at, [&](Session&, const Facts& facts) -> Result<void> {
    if (auto may = writes(make, facts, mark); !may) return may.error();
    return make_extensions({*login_, login_to(make.mark), make.at.name, facts.superuser},
                           make.names);
  });
  if (!done) return done;
  return transact(make.at, [&](const Facts& facts, int) { return writes(make, facts, mark); });
}

Login Server::login_to(const Mark& mark) const {
  const std::string& name = mark.name.text();
  return login_->as(name, key_.password(instance_.text(), name, mark.generation), name);
}

Result<Checkup> Server::check_up(const Mark& mark) {
  if (!login_) return login_.error();
  const std::string& name = mark.name.text();
  if (auto wrong = unfit(name)) return Error{Fault::invalid, *wrong};
  auto bytes = pool_->with_session<long long>([&](Session& session) -> Result<long long> {
    auto rows =
        session.run(fmt::format("SELECT pg_catalog.pg_database_size({}::name);", literal(name)));
    if (!rows) return rows.error();
    return std::stoll(rows->front().front().value_or("0"));
  });
  if (!bytes) return within(instance_.text(), bytes.error());
  Checkup checkup{*bytes, mark.generation, std::nullopt, {}};
  const auto session = Session::open(login_to(mark));
  if (session) checkup.let_in = true;
  if (!session && is_wrong_password(session.error())) checkup.let_in = false;
  return checkup;
}

Result<Provisioner::Tested> Server::test() {
  if (!login_) return login_.error();
  auto session = Session::open(*login_);
  if (!session) return session.error();
  auto version = version_of(**session);
  if (!version) return within("server " + login_->where, version.error());
  auto notes = notes_of(**session);
  if (!notes) return within("server " + login_->where, notes.error());
  return Tested{*std::move(version), *std::move(notes)};
}

}  // namespace bough::postgres
