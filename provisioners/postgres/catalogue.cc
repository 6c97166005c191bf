#include "provisioners/postgres/catalogue.h"

#include <fmt/format.h>

#include "provisioners/postgres/lease.h"
#include "provisioners/postgres/quote.h"

namespace bough::postgres {
namespace {

bool truth(const std::optional<std::string>& field) {
  return field == "t";
}

std::optional<Mark> mark_of(const std::optional<std::string>& comment, const std::string& name,
                            const Key& key) {
  return comment ? decode(*comment, name, key) : std::nullopt;
}

}  // namespace

// pg_database_size would read the disk; has_database_privilege answers for PUBLIC from the cache.
std::string contents_query() {
  return R"(
SELECT 'd', d.datname::text, r.rolname::text, d.datallowconn, d.datconnlimit = -2,
       pg_catalog.has_database_privilege('public', d.oid, 'CONNECT'), s.description
FROM pg_catalog.pg_database d
LEFT JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
LEFT JOIN pg_catalog.pg_shdescription s
       ON s.objoid = d.oid AND s.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
UNION ALL
SELECT 'r', r.rolname::text, NULL, r.rolcanlogin, NULL, NULL, s.description
FROM pg_catalog.pg_roles r
LEFT JOIN pg_catalog.pg_shdescription s
       ON s.objoid = r.oid AND s.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
WHERE NOT pg_catalog.starts_with(r.rolname::text, 'pg_'))";
}

std::string fingerprint_query() {
  return R"(
SELECT pg_catalog.concat_ws(' ',
  (SELECT pg_catalog.concat_ws(' ', count(*),
          sum(pg_catalog.hashtextextended(d.oid::text || d.xmin::text || d.ctid::text, 0)))
   FROM pg_catalog.pg_database d),
  (SELECT pg_catalog.concat_ws(' ', count(*), sum(pg_catalog.hashtextextended(r::text, 0)))
   FROM (SELECT oid, rolname, rolcanlogin FROM pg_catalog.pg_roles) r),
  (SELECT pg_catalog.concat_ws(' ', count(*),
          sum(pg_catalog.hashtextextended(s.objoid::text || s.xmin::text || s.ctid::text, 0)))
   FROM pg_catalog.pg_shdescription s));)";
}

Contents read_contents(const Rows& rows, int version, const Key& key) {
  Contents contents;
  contents.version = version;
  for (const Row& row : rows) {
    const std::string& name = *row[1];
    auto mark = mark_of(row[6], name, key);
    if (row[0] == "r") {
      contents.roles[name] = {truth(row[3]), std::move(mark)};
    } else {
      contents.databases[name] = {row[2].value_or(""), truth(row[3]), truth(row[4]), truth(row[5]),
                                  std::move(mark)};
    }
  }
  return contents;
}

// Planning the question takes longer than answering it, and it is asked before every write.
const std::string& facts_preparation() {
  static const std::string kStatement = fmt::format(R"(
PREPARE bough_facts (pg_catalog.name, pg_catalog.int4, pg_catalog.int8) AS
SELECT {}, pg_catalog.current_setting('is_superuser') = 'on',
       r.oid IS NOT NULL,
       r.rolsuper OR r.rolcreatedb OR r.rolcreaterole OR r.rolreplication OR r.rolbypassrls,
       pg_catalog.shobj_description(r.oid, 'pg_authid'),
       d.oid IS NOT NULL, pg_catalog.pg_get_userbyid(d.datdba)::text, d.datallowconn,
       d.datconnlimit = -2, pg_catalog.shobj_description(d.oid, 'pg_database')
FROM (VALUES ($1)) AS asked(name)
LEFT JOIN pg_catalog.pg_roles r ON r.rolname = asked.name
LEFT JOIN pg_catalog.pg_database d ON d.datname = asked.name;)",
                                                    lease_stands("$2", "$3"));
  return kStatement;
}

std::string facts_query(const std::string& name, const std::string& holder) {
  return fmt::format("EXECUTE bough_facts({}, {});", literal(name), holder);
}

Facts read_facts(const Rows& rows, const std::string& name, const Key& key) {
  Facts facts;
  if (rows.empty()) return facts;
  const Row& row = rows.front();
  facts.lease = truth(row[0]);
  facts.superuser = truth(row[1]);
  if (truth(row[2])) facts.role = Facts::Role{truth(row[3]), mark_of(row[4], name, key)};
  if (truth(row[5]))
    facts.database = Facts::Database{row[6].value_or(""), truth(row[7]), truth(row[8]),
                                     mark_of(row[9], name, key)};
  return facts;
}

}  // namespace bough::postgres
