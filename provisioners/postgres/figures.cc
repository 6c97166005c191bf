#include "provisioners/postgres/figures.h"

#include <fmt/format.h>

#include <algorithm>

namespace bough::postgres {
namespace {

constexpr std::chrono::hours kLongest(6);

// One text for one value, whatever the database or login has set.
constexpr std::string_view kFormats =
    "SET statement_timeout = '350min'; SET extra_float_digits = 1; SET datestyle = 'ISO, YMD'; "
    "SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET bytea_output = 'hex'; "
    "SET lc_monetary = 'C'; SET row_security = off; SET default_transaction_read_only = on;";

// What belongs to extensions is made by them. Partitioned tables hold nothing themselves.
constexpr std::string_view kRelations = R"(
SELECT c.relkind::text, pg_catalog.format('%I.%I', n.nspname, c.relname),
       (SELECT pg_catalog.string_agg(pg_catalog.format('t.%I', a.attname), ', ' ORDER BY a.attname)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'S') AND c.relpersistence <> 't'
  AND NOT pg_catalog.starts_with(n.nspname::text, 'pg_') AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                    AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 2;)";

/// record_out by its own name: a cast to text could be one that the branch has made.
std::string question(const Row& relation) {
  const std::string& name = *relation[1];
  if (relation[0] == "S") return "SELECT last_value, is_called::text FROM " + name;
  return fmt::format(
      "SELECT count(*), coalesce(sum(pg_catalog.hashtextextended(pg_catalog.textin("
      "pg_catalog.record_out(ROW({}))), 0)), 0)::text FROM ONLY {} t",
      relation[2].value_or(""), name);
}

}  // namespace

Result<std::vector<TableSum>> figures_of(Session& session) {
  if (auto set = session.run(std::string(kFormats)); !set) return set.error();
  auto relations = session.run(std::string(kRelations));
  if (!relations) return relations.error();
  std::vector<TableSum> figures;
  for (const Row& relation : *relations) {
    auto rows = session.run(question(relation), kLongest);
    if (!rows) return within(*relation[1], rows.error());
    const Row& row = rows->front();
    figures.push_back({*relation[1], std::stoll(row[0].value_or("0")), row[1].value_or("")});
  }
  auto objects = session.run("SELECT count(*) FROM pg_catalog.pg_largeobject_metadata;");
  if (!objects) return objects.error();
  const long long count = std::stoll(objects->front()[0].value_or("0"));
  if (count > 0) figures.push_back({"large objects", count, ""});
  return figures;
}

std::optional<std::string> difference(const DumpContents& expected, const DumpContents& found) {
  const auto& all = found.tables;
  for (const TableSum& table : expected.tables) {
    const auto same = std::find_if(all.begin(), all.end(),
                                   [&](const TableSum& one) { return one.name == table.name; });
    if (same == all.end()) return printable(table.name) + " is missing";
    if (same->rows != table.rows)
      return fmt::format("{} has {} instead of {} rows", printable(table.name), same->rows,
                         table.rows);
    if (same->sum != table.sum) return printable(table.name) + " has other contents";
  }
  if (found.tables.size() != expected.tables.size()) return "it has tables more";
  if (!expected.definitions.empty() && found.definitions != expected.definitions)
    return "its definitions are others";
  return std::nullopt;
}

}  // namespace bough::postgres
