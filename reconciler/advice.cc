#include "reconciler/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "spec/place.h"

namespace bough {
namespace {

/// Shorter ones are hardly noticed, unless a long query is waited for: then every lock hurts.
constexpr std::chrono::milliseconds kLong(100);
constexpr long long kManyRows = 10'000;
constexpr std::size_t kShown = 120;

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

/// The statement in one line that fits beside other words.
std::string shown(const std::string& statement) {
  std::string line;
  for (const char c : statement) {
    const bool space = c == '\n' || c == '\t' || c == ' ';
    if (!space || (!line.empty() && line.back() != ' ')) line += space ? ' ' : c;
  }
  if (line.size() > kShown) line = line.substr(0, kShown) + "…";
  return printable(line);
}

bool blocks_reads(const LockTaken& lock) {
  return lock.mode == "AccessExclusiveLock";
}

std::string tables_of(const LockingStatement& statement) {
  std::string tables;
  for (const LockTaken& lock : statement.locks) {
    if (tables.find(lock.table) != std::string::npos) continue;
    tables += (tables.empty() ? "" : ", ") + printable(lock.table);
  }
  return tables;
}

std::string way_round(const LockingStatement& statement) {
  const std::string text = upper(statement.text);
  const auto has = [&](const char* words) { return text.find(words) != std::string::npos; };
  if (statement.tag == "CREATE INDEX")
    return "CREATE INDEX CONCURRENTLY, outside a transaction, keeps nobody waiting";
  if (has("SET NOT NULL"))
    return "add CHECK (… IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT in a transaction of its own, "
           "then SET NOT NULL, which then needs no scan";
  if (has("FOREIGN KEY") || has("REFERENCES") || has("ADD CONSTRAINT") || has("CHECK"))
    return "add the constraint NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own";
  return "keep the transaction short, and set lock_timeout so that it gives up instead of making "
         "all wait behind it";
}

void advise_on(const LockingStatement& statement, std::vector<Advice>& result) {
  const bool reads = std::any_of(statement.locks.begin(), statement.locks.end(), blocks_reads);
  const bool index = statement.tag == "CREATE INDEX";
  if (statement.held < kLong && !index) return;
  result.push_back({reads ? "blocks-reads" : "blocks-writes",
                    fmt::format("`{}` keeps {} of {} waiting for {} ms: {}", shown(statement.text),
                                reads ? "readers and writers" : "writers", tables_of(statement),
                                statement.held.count(), way_round(statement))});
}

Advice advice_for(const RewrittenTable& rewritten) {
  return {"rewrites-table",
          fmt::format("{} ({} rows, {} KiB) is written anew while nobody can use it: add a new "
                      "column, fill it in batches, and swap them",
                      printable(rewritten.table), rewritten.rows, rewritten.bytes / 1024)};
}

Advice advice_for(const Loss& loss) {
  const std::string what = loss.column.empty() ? "table " + printable(loss.table)
                                               : fmt::format("column {}.{}", printable(loss.table),
                                                             printable(loss.column));
  return {"loses-data",
          fmt::format("{} is dropped with what {} rows held: first release code that does not use "
                      "it, and keep a dump",
                      what, loss.rows)};
}

}  // namespace

std::vector<Advice> advice_for(const Sightings& sightings) {
  std::vector<Advice> result;
  for (const Loss& loss : sightings.lost) result.push_back(advice_for(loss));
  for (const RewrittenTable& rewritten : sightings.rewritten)
    result.push_back(advice_for(rewritten));
  for (const LockingStatement& statement : sightings.statements) advise_on(statement, result);
  for (const TouchedTable& touched : sightings.touched)
    if (touched.updated + touched.deleted >= kManyRows)
      result.push_back({"touches-many-rows",
                        fmt::format("{} rows of {} are updated or deleted in one go, and stay "
                                    "locked until its end: do it in batches",
                                    touched.updated + touched.deleted, printable(touched.table))});
  return result;
}

}  // namespace bough
