#include "provisioners/postgres/masking.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "provisioners/postgres/quote.h"

namespace bough::postgres {
namespace {

constexpr int kHashLength = 16;  // characters that keep values apart
constexpr int kEmailLength = 36;

struct Table {
  std::string schema;
  std::string name;
  auto operator<=>(const Table&) const = default;
};

/// `users` is public's.
Table table_of(const MaskingRule& rule) {
  const auto dot = rule.table.find('.');
  if (dot == std::string::npos) return {"public", rule.table};
  return {rule.table.substr(0, dot), rule.table.substr(dot + 1)};
}

std::string quoted(const Table& table) {
  return identifier(table.schema) + "." + identifier(table.name);
}

std::string title(const MaskingRule& rule) {
  return rule.column.empty()
             ? fmt::format("{{table: {}, with: {}}}", rule.table, rule.with)
             : fmt::format("{{column: {}.{}, with: {}}}", rule.table, rule.column, rule.with);
}

Error wrong(const MaskingRule& rule, const std::string& why) {
  return {Fault::invalid, fmt::format("masking {}: {}", title(rule), why)};
}

/// 64 hexadecimal digits of a value.
std::string digest_of(const std::string& column, const std::string& salt) {
  return fmt::format(
      "pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to({} || {}::pg_catalog.text, "
      "'UTF8')), 'hex')",
      literal(salt), column);
}

std::string first(const std::string& text, int count) {
  return fmt::format("pg_catalog.\"left\"({}, {})", text, count);
}

bool is_text(const MaskedColumn& column) {
  return column.category == 'S';
}

/// The new value of a column, or why it has none.
Result<std::string> hash(const MaskedColumn& column, const std::string& salt) {
  const std::string digest = digest_of(identifier(column.name), salt);
  if (is_text(column) && column.length == 0) return digest;
  if (is_text(column) && column.length >= kHashLength)
    return first(digest, std::min(column.length, 64));
  if (is_text(column))
    return Error{Fault::invalid, fmt::format("a hash needs {} characters, and the column has room "
                                             "for {}",
                                             kHashLength, column.length)};
  if (column.type == "uuid") return first(digest, 32) + "::pg_catalog.uuid";
  if (column.type == "bytea") return fmt::format("pg_catalog.decode({}, 'hex')", digest);
  if (column.type == "int8")
    return fmt::format("('x' || {})::pg_catalog.bit(60)::pg_catalog.int8", first(digest, 15));
  return Error{Fault::invalid, "a hash works on text, uuid, bigint and bytea, not on " +
                                   column.type + "; zero or nothing may do"};
}

Result<std::string> email(const MaskedColumn& column, const std::string& salt) {
  if (!is_text(column)) return Error{Fault::invalid, "an email is text, not " + column.type};
  if (column.length != 0 && column.length < kEmailLength)
    return Error{Fault::invalid, fmt::format("a masked email has {} characters, and the column has "
                                             "room for {}",
                                             kEmailLength, column.length)};
  return fmt::format("'user-' || {} || '@example.invalid'",
                     first(digest_of(identifier(column.name), salt), kHashLength - 1));
}

Result<std::string> text(const MaskedColumn& column) {
  if (!is_text(column)) return Error{Fault::invalid, "the column is no text but " + column.type};
  return fmt::format("pg_catalog.repeat('x', pg_catalog.length({}::pg_catalog.text))",
                     identifier(column.name));
}

Result<std::string> zero(const MaskedColumn& column) {
  if (column.category == 'N') return std::string("0");
  if (column.category == 'B') return std::string("false");
  if (is_text(column)) return std::string("''");
  if (column.category == 'T') return std::string("'0'");
  if (column.type == "date" || column.type.starts_with("timestamp"))
    return std::string("'1970-01-01'");
  if (column.type == "time" || column.type == "timetz") return std::string("'00:00'");
  if (column.type == "json" || column.type == "jsonb") return std::string("'{}'");
  return Error{Fault::invalid, "there is no zero of type " + column.type + "; nothing may do"};
}

bool keeps_apart(std::string_view with) {
  return with == "hash" || with == "email";
}

Result<std::string> value_of(const MaskingRule& rule, const MaskedColumn& column,
                             const std::string& salt) {
  if (column.computed)
    return Error{Fault::invalid, "the column is computed from others: mask those"};
  if (rule.with == "nothing" && column.required)
    return Error{Fault::invalid, "the column is NOT NULL; hash or text may do"};
  if (column.unique && rule.with != "nothing" && !keeps_apart(rule.with))
    return Error{Fault::invalid, "the column is unique, so its values must stay apart: use hash"};
  if (rule.with == "nothing") return std::string("NULL");
  if (rule.with == "hash") return hash(column, salt);
  if (rule.with == "email") return email(column, salt);
  return rule.with == "text" ? text(column) : zero(column);
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// Whatever is asked of the rules together.
class Order {
 public:
  Order(const std::vector<MaskingRule>& rules, const MaskingFacts& facts, const std::string& salt)
      : rules_(rules), facts_(facts), salt_(salt) {
    for (const MaskingRule& rule : rules_) by_column_[key_of(table_of(rule), rule.column)] = &rule;
  }

  Result<MaskingOrder> made() {
    for (const MaskingRule& rule : rules_)
      if (auto added = rule.column.empty() ? add_empty(rule) : add_column(rule); !added)
        return added.error();
    for (const ColumnReference& one : facts_.references)
      if (auto fine = respects(one); !fine) return fine.error();
    for (const auto& [table, assignments] : assignments_) {
      order_.updates.push_back(
          fmt::format("UPDATE {} SET {};", quoted(table), fmt::join(assignments, ", ")));
      for (std::string& one : with_heirs(table, Partitions::left_out))
        if (!contains(order_.tables, one)) order_.tables.push_back(std::move(one));
    }
    return std::move(order_);
  }

 private:
  static std::string key_of(const Table& table, const std::string& column) {
    return quoted(table) + "." + column;
  }
  const MaskingRule* rule_of(const Table& table, const std::string& column) const {
    const auto found = by_column_.find(key_of(table, column));
    return found == by_column_.end() ? nullptr : found->second;
  }
  bool exists(const Table& table) const {
    return std::any_of(facts_.columns.begin(), facts_.columns.end(), [&](const auto& column) {
      return column.schema == table.schema && column.table == table.name;
    });
  }
  enum class Partitions { taken_in, left_out };
  std::vector<std::string> with_heirs(const Table& table, Partitions partitions) const;
  Result<void> add_empty(const MaskingRule& rule);
  Result<void> add_column(const MaskingRule& rule);
  Result<void> respects(const ColumnReference& reference) const;

  const std::vector<MaskingRule>& rules_;
  const MaskingFacts& facts_;
  const std::string& salt_;
  std::map<std::string, const MaskingRule*> by_column_;
  std::map<Table, std::vector<std::string>> assignments_;
  MaskingOrder order_;
};

Result<void> Order::add_empty(const MaskingRule& rule) {
  const Table table = table_of(rule);
  if (!exists(table)) return wrong(rule, "production has no such table");
  for (std::string& one : with_heirs(table, Partitions::taken_in))
    order_.without_rows.push_back(std::move(one));
  return {};
}

/// The table and all that inherit from it.
std::vector<std::string> Order::with_heirs(const Table& table, Partitions partitions) const {
  std::vector<std::string> all{quoted(table)};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (const Heir& heir : facts_.heirs)
      if (heir.parent == all[i] && !contains(all, heir.child) &&
          !(heir.partition && partitions == Partitions::left_out))
        all.push_back(heir.child);
  return all;
}

Result<void> Order::add_column(const MaskingRule& rule) {
  const Table table = table_of(rule);
  if (!exists(table)) return wrong(rule, "production has no such table");
  const auto column =
      std::find_if(facts_.columns.begin(), facts_.columns.end(), [&](const auto& one) {
        return one.schema == table.schema && one.table == table.name && one.name == rule.column;
      });
  if (column == facts_.columns.end()) return wrong(rule, "production's table has no such column");
  auto value = value_of(rule, *column, salt_);
  if (!value) return wrong(rule, value.error().message);
  assignments_[table].push_back(identifier(rule.column) + " = " + *value);
  return {};
}

/// A foreign key holds when both of its sides change in the same way, or the referring one is NULL.
Result<void> Order::respects(const ColumnReference& one) const {
  const Table from{one.schema, one.table};
  const Table to{one.to_schema, one.to_table};
  const MaskingRule* referring = rule_of(from, one.column);
  const MaskingRule* referred = rule_of(to, one.to_column);
  const MaskingRule* empty = rule_of(to, "");
  const std::string who = fmt::format("{}.{}.{}", one.schema, one.table, one.column);
  const bool no_rows = rule_of(from, "") || (referring && referring->with == "nothing");
  if (no_rows) return {};
  if (empty) return wrong(*empty, who + " refers to its rows: empty that table as well");
  if (!referring && !referred) return {};
  if (!referred)
    return wrong(*referring, fmt::format("it refers to {}.{}.{}: mask both with hash",
                                         one.to_schema, one.to_table, one.to_column));
  if (!referring || referring->with != referred->with || !keeps_apart(referred->with))
    return wrong(*referred, who + " refers to it: mask both with hash");
  return {};
}

}  // namespace

// What belongs to an extension is the extension's.
std::string columns_query() {
  return R"(
SELECT n.nspname, c.relname, a.attname, coalesce(b.typname, t.typname),
       coalesce(b.typcategory, t.typcategory),
       CASE WHEN coalesce(b.typname, t.typname) IN ('varchar', 'bpchar')
            THEN greatest(CASE WHEN b.oid IS NULL THEN a.atttypmod ELSE t.typtypmod END - 4, 0)
            ELSE 0 END,
       a.attnotnull OR t.typnotnull, a.attgenerated <> '',
       EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisunique
               AND a.attnum = ANY (i.indkey::pg_catalog.int2[]))
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype AND t.typtype = 'd'
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema';)";
}

std::string references_query() {
  return R"(
SELECT n.nspname, c.relname, a.attname, fn.nspname, fc.relname, fa.attname
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class fc ON fc.oid = k.confrelid
JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey))
  AS pair(here, there)
JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.here
JOIN pg_catalog.pg_attribute fa ON fa.attrelid = k.confrelid AND fa.attnum = pair.there
WHERE k.contype = 'f' AND k.conparentid = 0;)";
}

std::string heirs_query() {
  return R"(
SELECT n.nspname, c.relname, hn.nspname, h.relname, c.relkind = 'p'
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_class c ON c.oid = i.inhparent AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class h ON h.oid = i.inhrelid
JOIN pg_catalog.pg_namespace hn ON hn.oid = h.relnamespace;)";
}

std::string filled_query(const std::vector<std::string>& tables) {
  std::vector<std::string> names;
  for (const std::string& table : tables) names.push_back(literal(table));
  // The files, since a table may be a foreign one: nobody else's server is to be asked.
  return fmt::format(
      "SELECT t FROM pg_catalog.unnest(ARRAY[{}]::pg_catalog.text[]) t WHERE coalesce("
      "pg_catalog.pg_relation_size(pg_catalog.to_regclass(t)), 1) <> 0;",
      fmt::join(names, ", "));
}

MaskingFacts read_facts_for_masking(const Rows& columns, const Rows& references,
                                    const Rows& heirs) {
  const auto text = [](const Row& row, std::size_t i) { return row[i].value_or(""); };
  MaskingFacts facts;
  for (const Row& row : columns) {
    MaskedColumn one{text(row, 0), text(row, 1), text(row, 2), text(row, 3)};
    one.category = text(row, 4).empty() ? 'U' : text(row, 4).front();
    const std::string length = text(row, 5);
    std::from_chars(length.data(), length.data() + length.size(), one.length);
    one.required = row[6] == "t";
    one.computed = row[7] == "t";
    one.unique = row[8] == "t";
    facts.columns.push_back(std::move(one));
  }
  for (const Row& row : references)
    facts.references.push_back(
        {text(row, 0), text(row, 1), text(row, 2), text(row, 3), text(row, 4), text(row, 5)});
  for (const Row& row : heirs)
    facts.heirs.push_back({quoted(Table{text(row, 0), text(row, 1)}),
                           quoted(Table{text(row, 2), text(row, 3)}), row[4] == "t"});
  return facts;
}

Result<MaskingOrder> masking_order(const std::vector<MaskingRule>& rules, const MaskingFacts& facts,
                                   const std::string& salt) {
  return Order(rules, facts, salt).made();
}

}  // namespace bough::postgres
