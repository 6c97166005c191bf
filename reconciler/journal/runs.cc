#include <fmt/format.h>

#include <algorithm>

#include "reconciler/journal/journal.h"
#include "reconciler/journal/rows.h"
#include "reconciler/journal/state.h"

namespace bough {

using journal::text;

namespace {

constexpr std::string_view kRunRow =
    "INSERT INTO bough.runs (repository, app, environment, branch, component, commit, digest,"
    " kind, command, log_file, owner, state) VALUES ";

std::string values_of(const RunRecord& run, long long owner) {
  return fmt::format("({}, {}, {}, {}, {}, '{}', {}, '{}', {}, {}, {}, '{}')",
                     text(run.key.home.repository.text()), text(run.key.home.app.text()),
                     text(kind_of(run.key.home.environment)),
                     journal::branch_bytes(run.key.home.environment), text(run.key.component),
                     run.key.commit.text(), text(run.key.digest), word_of(run.kind),
                     text(run.command), text(run.log_file), owner, word_of(run.state));
}

std::string list_of(const std::vector<long long>& ids) {
  return fmt::format("{}", fmt::join(ids, ","));
}

}  // namespace

Result<std::vector<long long>> Journal::queue(const std::vector<RunRecord>& runs) {
  if (runs.empty()) return std::vector<long long>();
  std::string values;
  for (const RunRecord& run : runs)
    values += (values.empty() ? "" : ", ") + values_of(run, state_->owner);
  auto rows = state_->run(std::string(kRunRow) + values + " RETURNING id");
  if (!rows) return rows.error();
  std::vector<long long> ids;
  for (const auto& row : *rows) ids.push_back(std::stoll(*row.front()));
  return ids;
}

Result<void> Journal::unqueue(const std::vector<long long>& ids) {
  if (ids.empty()) return {};
  return state_->insist(
      fmt::format("DELETE FROM bough.runs WHERE state = 'queued' AND id IN ({})", list_of(ids)));
}

Result<long long> Journal::start_run(const RunRecord& run, const std::optional<Endpoint>& changes) {
  const postgres::Reach& here = state_->login.clients;
  const bool same_server = changes && changes->host == here.host && changes->port == here.port;
  const std::string start =
      run.id == 0 ? std::string(kRunRow) + values_of(run, state_->owner) + " RETURNING id"
                  : fmt::format(
                        "UPDATE bough.runs SET state = 'running', log_file = {},"
                        " started_at = clock_timestamp() WHERE id = {} RETURNING id",
                        text(run.log_file), run.id);
  // A server's log keeps the order of what is written there.
  auto rows = same_server ? state_->run(start) : state_->write_now(start);
  if (!rows) {
    // It may be written all the same; it was not begun.
    if (run.id != 0)
      static_cast<void>(state_->insist(
          fmt::format("UPDATE bough.runs SET state = 'cancelled', ended_at = clock_timestamp()"
                      " WHERE id = {} AND state = 'running' AND ended_at IS NULL",
                      run.id)));
    return rows.error();
  }
  if (rows->empty()) return Error{Fault::stale, "the journal has lost the run"};
  return std::stoll(*rows->front().front());
}

Result<void> Journal::finish_run(const RunRecord& run) {
  static const std::string kPreparation =
      "PREPARE bough_finish (int8, text, int, text, text, text, text, text) AS"
      " WITH finished AS (UPDATE bough.runs SET state = $2, exit_code = $3, note = $4,"
      " ended_at = clock_timestamp() WHERE id = $1 AND ended_at IS NULL RETURNING 1)"
      " INSERT INTO bough.events (repository, address, kind, message)"
      " SELECT $5, $6, $7, $8 FROM finished;";
  const std::string note = run.note.empty() ? fmt::format("exit code {}", run.exit_code) : run.note;
  return state_->insist(
      fmt::format("EXECUTE bough_finish({}, '{}', {}, {}, {}, {}, 'run-{}', {})", run.id,
                  word_of(run.state), run.exit_code, text(run.note),
                  text(run.key.home.repository.text()), text(journal::address_of(run.key)),
                  word_of(run.state),
                  text(fmt::format("{} of {}: {} ({})", word_of(run.kind),
                                   run.key.commit.text().substr(0, 7), word_of(run.state), note))),
      kPreparation);
}

Result<std::map<RunKey, RunState>> Journal::states(const RepositoryName& repository,
                                                   const std::set<Commit>& commits) {
  if (commits.empty()) return std::map<RunKey, RunState>();
  auto rows = state_->ask(
      fmt::format("SELECT DISTINCT ON (app, environment, branch, component, commit, digest) {} "
                  "FROM bough.runs r"
                  " WHERE NOT superseded AND repository = {} AND commit IN ({})"
                  " AND NOT (state = 'queued' AND {})"
                  " ORDER BY app, environment, branch, component, commit, digest, id DESC",
                  journal::kRunColumns, text(repository.text()), journal::list_of(commits),
                  journal::kOwnerGone));
  if (!rows) return rows.error();
  std::map<RunKey, RunState> result;
  for (const auto& row : *rows)
    if (auto run = journal::read_run(row)) result.insert_or_assign(run->key, run->state);
  return result;
}

Result<std::vector<RunRecord>> Journal::runs(const RunFilter& filter) {
  std::string where = "true";
  if (!filter.repository.empty()) where += " AND repository = " + text(filter.repository);
  if (filter.id > 0) where += fmt::format(" AND id = {}", filter.id);
  if (filter.environment)
    where +=
        fmt::format(" AND environment = {} AND branch = {}", text(kind_of(*filter.environment)),
                    journal::branch_bytes(*filter.environment));
  auto rows =
      state_->ask(fmt::format("SELECT {} FROM bough.runs r WHERE {} ORDER BY id DESC LIMIT {}",
                              journal::kRunColumns, where, filter.limit));
  if (!rows) return rows.error();
  std::vector<RunRecord> result;
  for (const auto& row : *rows)
    if (auto run = journal::read_run(row)) result.push_back(*std::move(run));
  return result;
}

Result<int> Journal::retry(const Home& home) {
  auto rows = state_->write_now(fmt::format(
      "UPDATE bough.runs r SET superseded = true WHERE NOT superseded AND {} AND (state IN"
      " ('failed', 'timed-out', 'cancelled', 'unknown') OR state = 'running' AND {}"
      " OR kind = 'failed-deploy' AND state = 'succeeded') RETURNING kind",
      journal::matches(home), journal::kOwnerGone));
  if (!rows) return rows.error();
  return static_cast<int>(std::count_if(rows->begin(), rows->end(), [](const postgres::Row& row) {
    return row.front() != word_of(RunKind::failed_deploy);
  }));
}

Result<void> Journal::forget(const Place& place) {
  return state_->write_lazily(
      fmt::format("UPDATE bough.runs SET superseded = true, forgotten = true WHERE NOT forgotten"
                  " AND state <> 'queued' AND {} AND component = {}",
                  journal::matches(place.home), text(place.component.text())));
}

Result<void> Journal::undo(const Place& place) {
  return state_->write_lazily(
      fmt::format("UPDATE bough.runs SET undone = true WHERE NOT undone AND state NOT IN ('queued',"
                  " 'succeeded') AND {} AND component = {}",
                  journal::matches(place.home), text(place.component.text())));
}

Result<bool> Journal::interrupted(const Place& place) {
  auto rows = state_->ask(fmt::format(
      "SELECT {} FROM bough.runs r WHERE {} AND component = {} AND state NOT IN ('queued',"
      " 'cancelled') ORDER BY id DESC LIMIT 1",
      journal::kRunColumns, journal::matches(place.home), text(place.component.text())));
  if (!rows) return rows.error();
  if (rows->empty()) return false;
  const auto run = journal::read_run(rows->front());
  return run && run->state == RunState::unknown;
}

Result<std::map<Place, std::set<Commit>>> Journal::attempts(const RepositoryName& repository) {
  auto rows = state_->ask(fmt::format(
      "SELECT repository, app, environment, encode(branch, 'hex'), component, commit"
      " FROM bough.runs r WHERE kind = 'migration' AND NOT forgotten AND NOT undone AND repository"
      " = {}"
      " AND state NOT IN ('succeeded', 'queued', 'cancelled') AND NOT EXISTS (SELECT FROM"
      " bough.runs s WHERE s.repository = r.repository AND s.app = r.app AND s.environment ="
      " r.environment AND s.branch = r.branch AND s.component = r.component AND s.id > r.id"
      " AND s.kind = 'migration' AND s.state = 'succeeded')",
      text(repository.text())));
  if (!rows) return rows.error();
  std::map<Place, std::set<Commit>> result;
  for (const auto& row : *rows) {
    auto place = journal::read_place(row, 0);
    auto commit = Commit::parse(row[5].value_or(""));
    if (place && commit) result[*place].insert(*commit);
  }
  return result;
}

Result<void> Journal::accept(const Acceptance& acceptance) {
  const Home& home = acceptance.home;
  auto rows = state_->write_now(fmt::format(
      "INSERT INTO bough.acceptances (repository, app, environment, branch, commit) VALUES ({}, {},"
      " {}, {}, '{}') ON CONFLICT DO NOTHING",
      text(home.repository.text()), text(home.app.text()), text(kind_of(home.environment)),
      journal::branch_bytes(home.environment), acceptance.commit.text()));
  if (!rows) return rows.error();
  return {};
}

Result<std::set<Acceptance>> Journal::accepted(const RepositoryName& repository) {
  auto rows =
      state_->ask(fmt::format("SELECT repository, app, environment, encode(branch, 'hex'), commit"
                              " FROM bough.acceptances WHERE repository = {}",
                              text(repository.text())));
  if (!rows) return rows.error();
  std::set<Acceptance> result;
  for (const auto& row : *rows) {
    auto home = journal::read_home(row, 0);
    auto commit = Commit::parse(row[4].value_or(""));
    if (home && commit) result.insert({*std::move(home), *std::move(commit)});
  }
  return result;
}

}  // namespace bough
