// What is known of databases beside what every look at their servers shows.
#include <fmt/format.h>

#include "reconciler/journal/rows.h"
#include "reconciler/journal/state.h"

namespace bough {
namespace {

using journal::text;

std::string truth(const std::optional<bool>& value) {
  return value ? *value ? "true" : "false" : "NULL";
}

std::optional<bool> read_truth(const std::optional<std::string>& field) {
  return field ? std::optional(*field == "t") : std::nullopt;
}

}  // namespace

Result<void> Journal::keep(const DatabaseKey& database, const Checkup& checkup) {
  // Nothing is written while nothing changes.
  return state_->write_lazily(fmt::format(
      "INSERT INTO bough.checkups (instance, name, bytes, generation, let_in) "
      "SELECT {0}, {1}, {2}, {3}, {4}::boolean WHERE NOT EXISTS (SELECT FROM bough.checkups c "
      "WHERE c.instance = {0} AND c.name = {1} AND c.bytes = {2} AND c.generation = {3} "
      "AND c.let_in IS NOT DISTINCT FROM {4}::boolean) "
      "ON CONFLICT (instance, name) DO UPDATE SET bytes = excluded.bytes, "
      "generation = excluded.generation, let_in = excluded.let_in, at = excluded.at",
      text(database.first.text()), text(database.second.text()), checkup.bytes, checkup.generation,
      truth(checkup.let_in)));
}

Result<std::map<DatabaseKey, Checkup>> Journal::checkups() {
  auto rows = state_->ask("SELECT instance, name, bytes, generation, let_in, " +
                          journal::milliseconds_of("at") + " FROM bough.checkups");
  if (!rows) return rows.error();
  std::map<DatabaseKey, Checkup> result;
  for (const postgres::Row& row : *rows) {
    auto instance = InstanceName::parse(row[0].value_or(""));
    auto name = DatabaseName::parse(row[1].value_or(""));
    if (!instance || !name) continue;
    result[{*instance, *name}] = {
        std::stoll(row[2].value_or("0")), std::stoi(row[3].value_or("0")), read_truth(row[4]),
        Instant(std::chrono::milliseconds(std::stoll(row[5].value_or("0"))))};
  }
  return result;
}

Result<void> Journal::discard(const DatabaseKey& database) {
  return state_->write_lazily(
      fmt::format("DELETE FROM bough.checkups WHERE instance = {} AND name = {}",
                  text(database.first.text()), text(database.second.text())));
}

Result<std::set<Place>> Journal::used(const RepositoryName& repository) {
  auto rows = state_->ask(fmt::format(
      "SELECT DISTINCT repository, app, environment, encode(branch, 'hex'), component "
      "FROM bough.runs WHERE repository = {} AND environment = 'production' AND kind = 'migration' "
      "AND state = 'succeeded' AND NOT forgotten",
      text(repository.text())));
  if (!rows) return rows.error();
  std::set<Place> places;
  for (const postgres::Row& row : *rows)
    if (auto place = journal::read_place(row, 0)) places.insert(*std::move(place));
  return places;
}

Result<void> Journal::note_once(const Event& event) {
  return state_->write_lazily(fmt::format(
      "INSERT INTO bough.events (repository, address, kind, message) SELECT {0}, {1}, {2}, {3} "
      "WHERE {3} IS DISTINCT FROM (SELECT e.message FROM bough.events e WHERE e.repository = {0} "
      "AND e.address = {1} AND e.kind = {2} ORDER BY e.id DESC LIMIT 1)",
      text(event.repository), text(event.address), text(event.kind), text(event.message)));
}

}  // namespace bough
