#include "provisioners/postgres/extensions.h"

#include <fmt/format.h>

#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/render.h"
#include "provisioners/postgres/sending.h"
#include "provisioners/postgres/session.h"
#include "spec/place.h"

namespace bough::postgres {
namespace {

enum class Maker { nobody, owner, superuser };

/// Asked as the owner: everything in the database may be planted, and gains nothing by it.
Result<Maker> maker_of(Session& session, const std::string& name) {
  auto rows = session.run(
      fmt::format("SELECT EXISTS (SELECT FROM pg_catalog.pg_extension e "
                  "WHERE e.extname OPERATOR(pg_catalog.=) {0}), "
                  "(SELECT v.trusted OR NOT v.superuser FROM pg_catalog.pg_available_extensions a "
                  "JOIN pg_catalog.pg_available_extension_versions v "
                  "ON v.name OPERATOR(pg_catalog.=) a.name "
                  "AND v.version OPERATOR(pg_catalog.=) a.default_version "
                  "WHERE a.name OPERATOR(pg_catalog.=) {0});",
                  literal(name)));
  if (!rows) return rows.error();
  const Row& row = rows->front();
  if (row[0] == "t") return Maker::nobody;
  if (!row[1])
    return Error{Fault::missing,
                 fmt::format("extension {0} is not installed on this PostgreSQL {1} server; "
                             "install it there (on Debian: postgresql-contrib, or a package like "
                             "postgresql-{1}-{0})",
                             printable(name), session.version())};
  return row[1] == "t" ? Maker::owner : Maker::superuser;
}

/// A script that runs as a superuser finds what it does not qualify in the schema first.
Result<void> nothing_is_planted(Session& session, const std::string& name) {
  auto rows = session.run(
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_roles r "
      "ON r.oid OPERATOR(pg_catalog.=) p.proowner "
      "WHERE p.pronamespace OPERATOR(pg_catalog.=) "
      "(SELECT n.oid FROM pg_catalog.pg_namespace n "
      "WHERE n.nspname OPERATOR(pg_catalog.=) 'public') AND NOT r.rolsuper);");
  if (!rows) return rows.error();
  if (rows->front().front() != "t") return {};
  return Error{Fault::refused,
               fmt::format("extension {0} is made by a superuser, and schema public has functions "
                           "of the branch that its script could run; have it made by hand (CREATE "
                           "EXTENSION {0}), or name it before the first migration",
                           printable(name))};
}

Result<void> make_as_superuser(const Workshop& at, const std::string& name) {
  if (!at.superuser)
    return Error{Fault::refused,
                 fmt::format("extension {0} is made by a superuser only, and bough's login is "
                             "none; have one run CREATE EXTENSION {0} in database {1}",
                             printable(name), printable(at.database.text()))};
  auto session = Session::open(at.admin.to(at.database.text()));
  if (!session) return session.error();
  if (auto clean = nothing_is_planted(**session, name); !clean) return clean;
  return send(**session, make_extension(name));
}

Result<void> make_one(const Workshop& at, Session& owner, const std::string& name) {
  auto maker = maker_of(owner, name);
  if (!maker) return maker.error();
  if (*maker == Maker::nobody) return {};
  return *maker == Maker::owner ? send(owner, make_extension(name)) : make_as_superuser(at, name);
}

}  // namespace

Result<void> make_extensions(const Workshop& at, const std::vector<std::string>& names) {
  auto owner = Session::open(at.owner);
  if (!owner) return owner.error();
  for (const std::string& name : names)
    if (auto made = make_one(at, **owner, name); !made)
      return within("extension " + printable(name), made.error());
  return {};
}

}  // namespace bough::postgres
