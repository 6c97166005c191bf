#include "provisioners/postgres/catalogue.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

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

bool is_claim(const std::optional<std::string>& comment) {
  return comment && comment->starts_with("bough ");
}

std::optional<Mark> strayed_mark_of(const std::optional<std::string>& comment,
                                    const std::string& name, const Key& key) {
  return comment ? decode_strayed(*comment, name, key) : std::nullopt;
}

/// The texts of a JSON array; none of nothing.
std::vector<std::string> texts_of(const std::optional<std::string>& array) {
  if (!array) return {};
  const auto parsed = nlohmann::json::parse(*array, nullptr, false);
  return parsed.is_array() ? parsed.get<std::vector<std::string>>() : std::vector<std::string>();
}

std::set<std::string> names_of(const std::optional<std::string>& array) {
  const auto texts = texts_of(array);
  return {texts.begin(), texts.end()};
}

/// The settings of a role in the order in which they count, as `name=value`.
void read_settings(const std::vector<std::string>& settings, SeenRole& role) {
  std::map<std::string, std::string> last;
  for (const std::string& setting : settings) {
    const std::size_t equal = setting.find('=');
    if (equal != std::string::npos) last[setting.substr(0, equal)] = setting.substr(equal + 1);
  }
  const auto timeout = [&](const char* name) {
    const auto found = last.find(name);
    return found == last.end() ? std::nullopt : milliseconds_of(found->second);
  };
  role.limits.statement_timeout = timeout("statement_timeout");
  role.limits.idle_timeout = timeout("idle_session_timeout");
  role.limits.idle_in_transaction_timeout = timeout("idle_in_transaction_session_timeout");
  const auto read_only = last.find("default_transaction_read_only");
  const bool off = read_only == last.end() || !is_on(read_only->second);
  role.writes = off                            ? Writes::allowed
                : role.limits.connections == 0 ? Writes::none
                                               : Writes::discouraged;
}

SeenDatabase read_database(const Row& row, const Key& key) {
  const std::string& name = *row[1];
  SeenDatabase seen{row[2].value_or(""), truth(row[3]), truth(row[4]), truth(row[5]),
                    mark_of(row[6], name, key)};
  seen.strayed = strayed_mark_of(row[6], name, key);
  seen.guests = names_of(row[7]);
  return seen;
}

SeenRole read_role(const Row& row, const Key& key) {
  const std::string& name = *row[1];
  SeenRole role{truth(row[3]), mark_of(row[6], name, key)};
  role.strayed = strayed_mark_of(row[6], name, key);
  if (!role.mark) return role;
  role.elevated = truth(row[4]);
  const int connections = std::atoi(row[2].value_or("-1").c_str());
  if (connections >= 0) role.limits.connections = connections;
  role.member_of = names_of(row[7]);
  read_settings(texts_of(row[8]), role);
  role.elsewhere = texts_of(row[9]);
  return role;
}

std::optional<StockMark> stock_of(const std::optional<std::string>& comment,
                                  const std::string& name, const Key& key) {
  return comment ? decode_stock(*comment, name, key) : std::nullopt;
}

/// Notes a database or role that is kept ready. Finished is what the database says to be: its role
/// was marked before it.
void note_stock(Contents& contents, const std::string& name, StockMark mark, bool role) {
  const auto [entry, fresh] = contents.stock.try_emplace(name, SeenStock{mark, false});
  if (!role) entry->second.mark = std::move(mark);
  if (role && fresh) entry->second.mark.state = StockState::unfinished;
}

}  // namespace

std::optional<std::chrono::milliseconds> milliseconds_of(const std::string& setting) {
  static const std::map<std::string, double, std::less<>> kUnits{
      {"", 1}, {"us", 0.001}, {"ms", 1}, {"s", 1e3}, {"min", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}};
  char* end = nullptr;
  const double number = std::strtod(setting.c_str(), &end);
  std::string_view unit(end);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  const auto found = kUnits.find(unit);
  if (end == setting.c_str() || found == kUnits.end()) return std::nullopt;
  const auto limit = std::chrono::milliseconds(std::llround(number * found->second));
  return limit.count() > 0 ? std::optional(limit) : std::nullopt;
}

bool is_on(std::string_view setting) {
  for (const std::string_view word : {"on", "true", "yes", "1", "t", "y"})
    if (setting == word) return true;
  return false;
}

// pg_database_size would read the disk; has_database_privilege answers for PUBLIC from the cache.
// What takes a look into lists is only asked of what bears a note of bough's.
std::string contents_query() {
  return R"(
SELECT 'd', d.datname::text, r.rolname::text, d.datallowconn
         AND (coalesce(NOT pg_catalog.starts_with(s.description, 'bough '), true)
              OR pg_catalog.has_database_privilege(d.datdba, d.oid, 'CONNECT')),
       d.datconnlimit = -2,
       pg_catalog.has_database_privilege('public', d.oid, 'CONNECT'), s.description,
       CASE WHEN pg_catalog.starts_with(s.description, 'bough ') THEN
         (SELECT pg_catalog.json_agg(g.rolname)::text
          FROM pg_catalog.aclexplode(d.datacl) a JOIN pg_catalog.pg_roles g ON g.oid = a.grantee
          WHERE a.privilege_type = 'CONNECT' AND a.grantee <> d.datdba) END, NULL, NULL
FROM pg_catalog.pg_database d
LEFT JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
LEFT JOIN pg_catalog.pg_shdescription s
       ON s.objoid = d.oid AND s.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
UNION ALL
SELECT 'r', r.rolname::text, r.rolconnlimit::text, r.rolcanlogin,
       r.rolsuper OR r.rolcreatedb OR r.rolcreaterole OR r.rolreplication OR r.rolbypassrls,
       NULL, s.description,
       CASE WHEN pg_catalog.starts_with(s.description, 'bough ') THEN
         (SELECT pg_catalog.json_agg(g.rolname)::text
          FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
          WHERE m.member = r.oid) END,
       CASE WHEN pg_catalog.starts_with(s.description, 'bough ') THEN
         (SELECT pg_catalog.json_agg(c.setting ORDER BY t.setdatabase)::text
          FROM pg_catalog.pg_db_role_setting t
          LEFT JOIN pg_catalog.pg_database d ON d.oid = t.setdatabase
          CROSS JOIN LATERAL pg_catalog.unnest(t.setconfig) c(setting)
          WHERE t.setrole = r.oid AND (t.setdatabase = 0 OR d.datname = r.rolname)) END,
       CASE WHEN NOT r.rolcanlogin AND pg_catalog.starts_with(s.description, 'bough ') THEN
         (SELECT pg_catalog.json_agg(DISTINCT d.datname)::text
          FROM pg_catalog.pg_shdepend p JOIN pg_catalog.pg_database d ON d.oid = p.dbid
          WHERE p.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
            AND p.refobjid = r.oid AND d.datname <> r.rolname) END
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
   FROM (SELECT oid, rolname, rolcanlogin, rolconnlimit, rolsuper, rolcreatedb, rolcreaterole,
                rolreplication, rolbypassrls FROM pg_catalog.pg_roles) r),
  (SELECT pg_catalog.concat_ws(' ', count(*),
          sum(pg_catalog.hashtextextended(m.roleid::text || m.member::text, 0)))
   FROM pg_catalog.pg_auth_members m),
  (SELECT pg_catalog.concat_ws(' ', count(*), sum(pg_catalog.hashtextextended(
          t.setdatabase::text || ' ' || t.setrole::text || t.xmin::text || t.ctid::text, 0)))
   FROM pg_catalog.pg_db_role_setting t),
  (SELECT pg_catalog.concat_ws(' ', count(*),
          sum(pg_catalog.hashtextextended(s.objoid::text || s.xmin::text || s.ctid::text, 0)))
   FROM pg_catalog.pg_shdescription s));)";
}

Contents read_contents(const Rows& rows, int version, const Key& key) {
  Contents contents;
  contents.version = version;
  for (const Row& row : rows) {
    const std::string& name = *row[1];
    if (auto stock = stock_of(row[6], name, key))
      note_stock(contents, name, *std::move(stock), row[0] == "r");
    else if (row[0] == "r")
      contents.roles[name] = read_role(row, key);
    else
      contents.databases[name] = read_database(row, key);
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
  if (truth(row[2]))
    facts.role =
        Facts::Role{truth(row[3]), mark_of(row[4], name, key), strayed_mark_of(row[4], name, key),
                    is_claim(row[4]), stock_of(row[4], name, key)};
  if (truth(row[5]))
    facts.database = Facts::Database{row[6].value_or(""),
                                     truth(row[7]),
                                     truth(row[8]),
                                     mark_of(row[9], name, key),
                                     strayed_mark_of(row[9], name, key),
                                     is_claim(row[9]),
                                     stock_of(row[9], name, key)};
  return facts;
}

}  // namespace bough::postgres
