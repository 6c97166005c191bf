// Dumps and what is filled from them; server.cc has what surrounds that.
#include <fmt/format.h>

#include "provisioners/postgres/figures.h"
#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/rules.h"
#include "provisioners/postgres/sending.h"
#include "provisioners/postgres/server.h"
#include "spec/secret.h"

namespace bough::postgres {
namespace {

std::string digest_of(const std::string& text) {
  const auto sum = sha256(text);
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()});
}

Target scratch_of(const DumpDatabase& dump) {
  return {dump.at.instance, dump.at.place, scratch_name(dump.at.name)};
}

Mark scratch_mark(const Target& at) {
  return {at.place, at.name, 1, Scratch{}, std::nullopt};
}

/// Schemas that the admin had to make belong to the login.
Result<void> give_schemas(Session& session, const DatabaseName& login) {
  auto schemas = session.run(
      "SELECT n.nspname::text FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = "
      "n.nspowner WHERE NOT pg_catalog.starts_with(n.nspname::text, 'pg_') AND n.nspname NOT IN "
      "('public', 'information_schema') AND r.rolname = CURRENT_USER AND NOT EXISTS (SELECT FROM "
      "pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND "
      "d.objid = n.oid AND d.deptype = 'e');");
  if (!schemas) return schemas.error();
  for (const Row& row : *schemas)
    if (auto given =
            send(session, fmt::format("ALTER SCHEMA {} OWNER TO {};",
                                      identifier(row[0].value_or("")), identifier(login.text())));
        !given)
      return given;
  return {};
}

}  // namespace

Result<Tools> Server::tools(const Errand& errand) {
  if (!login_) return login_.error();
  auto version =
      pool_->with_session<int>([](Session& session) -> Result<int> { return session.version(); });
  if (!version) return version.error();
  auto transfer = transfer_for(*version, errand.binaries, errand.user);
  if (!transfer) return transfer.error();
  return Tools{*std::move(transfer), errand.stopping};
}

/// An interrupted drop has closed it.
Result<void> Server::open_again(const DumpDatabase& dump) {
  return transact(dump.at, [&](const Facts& facts, int) -> Result<Statements> {
    if (auto same = stands_so(dump.at, dump.mark, facts); !same) return same.error();
    if (facts.database->open) return Statements{};
    return Statements{
        fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS true;", identifier(dump.at.name.text()))};
  });
}

Result<DumpContents> Server::contents_of(const Target& at, const Tools& with) {
  const Login login = login_->to(at.name.text());
  auto session = Session::open(login);
  if (!session) return session.error();
  auto figures = figures_of(**session);
  if (!figures) return figures.error();
  auto definitions = read_definitions(with, environment_of(login));
  if (!definitions) return definitions.error();
  return DumpContents{digest_of(*definitions), *std::move(figures)};
}

Result<void> Server::make_scratch(const Target& at) {
  if (auto dropped = drop_scratch(at); !dropped) return dropped;
  const Mark mark = scratch_mark(at);
  if (auto role = create_role({at, {}}, mark); !role) return role;
  if (auto database = carry_out(CreateDatabase{at}); !database) return database;
  return carry_out(GrantAccess{at, mark});
}

Result<void> Server::drop_scratch(const Target& at) {
  if (auto dropped = carry_out(DropDatabase{at}); !dropped) return dropped;
  return carry_out(DropRole{at});
}

/// By a login that is powerless outside: what a branch defined runs as whoever fills in its tables.
Result<void> Server::fill_scratch(const Target& at, const Tools& with, const Errand& from) {
  const Login admin = login_->to(at.name.text());
  const Environment own = environment_of(login_to(scratch_mark(at)));
  auto laid = read_archive(with, from.file, own, Entries::groundwork);
  // Some extensions take a superuser. In an empty database nothing of the branch's runs for it.
  if (!laid) laid = read_archive(with, from.file, environment_of(admin), Entries::groundwork);
  if (!laid) return laid;
  auto session = Session::open(admin);
  if (!session) return session.error();
  if (auto given = give_schemas(**session, at.name); !given) return given;
  return read_archive(with, from.file, own, Entries::rest);
}

Result<DumpContents> Server::dump(const DumpDatabase& dump, const Errand& to) {
  auto with = tools(to);
  if (!with) return with.error();
  if (auto open = open_again(dump); !open) return open.error();
  const Login login = login_->to(dump.at.name.text());
  if (auto written = write_archive(*with, environment_of(login), to.file); !written)
    return within("dumping " + printable(dump.at.name.text()), written.error());
  const Target scratch = scratch_of(dump);
  const auto check = [&]() -> Result<DumpContents> {
    if (auto made = make_scratch(scratch); !made) return made.error();
    if (auto filled = fill_scratch(scratch, *with, to); !filled) return filled.error();
    auto copy = contents_of(scratch, *with);
    if (!copy) return copy.error();
    auto original = contents_of(dump.at, *with);
    if (!original) return original.error();
    if (auto wrong = difference(*original, *copy))
      return Error{Fault::broken, "the copy made from it differs: " + *wrong};
    return original;
  };
  auto contents = check();
  auto dropped = drop_scratch(scratch);
  if (!contents)
    return within("checking the dump of " + printable(dump.at.name.text()), contents.error());
  if (!dropped) return dropped.error();
  return contents;
}

Result<void> Server::fill(const FillDatabase& fill, const DumpContents& expected,
                          const Errand& from) {
  auto with = tools(from);
  if (!with) return with.error();
  if (auto made = make_scratch(fill.at); !made) return made;
  if (auto filled = fill_scratch(fill.at, *with, from); !filled)
    return within("filling from dump " + fill.dump, filled.error());
  auto found = contents_of(fill.at, *with);
  if (!found) return found.error();
  if (auto wrong = difference(expected, *found))
    return Error{Fault::broken,
                 fmt::format("what dump {} gives is not what was dumped: {}", fill.dump, *wrong)};
  return {};
}

}  // namespace bough::postgres
