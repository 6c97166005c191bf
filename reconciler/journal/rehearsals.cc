#include <fmt/format.h>

#include "reconciler/journal/journal.h"
#include "reconciler/journal/rows.h"
#include "reconciler/journal/state.h"

namespace bough {

using journal::text;

namespace {

constexpr std::string_view kKept = "30 days";

std::string condition(const RehearsalKey& key) {
  return fmt::format("{} AND commit = '{}' AND digest = {} AND production = {}",
                     journal::matches(key.home), key.commit.text(), text(key.digest),
                     text(key.production));
}

RehearsalState state_of(std::string_view word) {
  for (const RehearsalState each :
       {RehearsalState::succeeded, RehearsalState::failed, RehearsalState::impossible})
    if (word_of(each) == word) return each;
  return RehearsalState::running;
}

std::optional<RehearsalRecord> read(const postgres::Row& row) {
  auto home = journal::read_home(row, 0);
  auto commit = Commit::parse(row[4].value_or(""));
  if (!home || !commit) return std::nullopt;
  RehearsalRecord record{
      {*std::move(home), *std::move(commit), row[5].value_or(""), row[6].value_or("")},
      state_of(row[7].value_or("")),
      row[8].value_or(""),
      std::nullopt};
  if (row[9]) record.at = Instant(std::chrono::milliseconds(std::stoll(*row[9])));
  return record;
}

}  // namespace

Result<void> Journal::begin_rehearsal(const RehearsalKey& key) {
  const Home& home = key.home;
  return state_->write_lazily(fmt::format(
      "DELETE FROM bough.rehearsals WHERE started_at < now() - interval '{}';"
      " INSERT INTO bough.rehearsals (repository, app, environment, branch, commit, digest,"
      " production, state, owner) VALUES ({}, {}, {}, {}, '{}', {}, {}, '{}', {})"
      " ON CONFLICT (repository, app, environment, branch, commit, digest, production) DO UPDATE"
      " SET state = excluded.state, report = '', owner = excluded.owner,"
      " started_at = excluded.started_at, ended_at = NULL",
      kKept, text(home.repository.text()), text(home.app.text()), text(kind_of(home.environment)),
      journal::branch_bytes(home.environment), key.commit.text(), text(key.digest),
      text(key.production), word_of(RehearsalState::running), state_->owner));
}

Result<void> Journal::finish_rehearsal(const RehearsalRecord& rehearsal) {
  if (rehearsal.state == RehearsalState::none)
    return state_->write_lazily("DELETE FROM bough.rehearsals WHERE " + condition(rehearsal.key));
  return state_->write_lazily(
      fmt::format("UPDATE bough.rehearsals SET state = '{}', report = {}, ended_at = "
                  "clock_timestamp() WHERE {}",
                  word_of(rehearsal.state), text(rehearsal.report), condition(rehearsal.key)));
}

Result<std::map<RehearsalKey, RehearsalRecord>> Journal::rehearsals(
    const RepositoryName& repository, const std::set<Commit>& commits) {
  std::map<RehearsalKey, RehearsalRecord> result;
  if (commits.empty()) return result;
  auto rows = state_->ask(fmt::format(
      "SELECT repository, app, environment, encode(branch, 'hex'), commit, digest, production,"
      " state, report, {} FROM bough.rehearsals r WHERE repository = {} AND commit IN ({})"
      " AND NOT (state = '{}' AND {})",
      journal::milliseconds_of("ended_at"), text(repository.text()), journal::list_of(commits),
      word_of(RehearsalState::running), journal::kOwnerGone));
  if (!rows) return rows.error();
  for (const auto& row : *rows)
    if (auto record = read(row)) result.insert_or_assign(record->key, *record);
  return result;
}

}  // namespace bough
