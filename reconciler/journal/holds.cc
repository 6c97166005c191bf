// Dumps, and the branches of the last pass; journal.cc has the rest.
#include <fmt/format.h>

#include "reconciler/journal/journal.h"
#include "reconciler/journal/rows.h"
#include "reconciler/journal/state.h"
#include "spec/secret.h"

namespace bough {

using journal::text;

namespace {

Instant instant(const std::optional<std::string>& milliseconds) {
  return Instant(std::chrono::milliseconds(std::stoll(milliseconds.value_or("0"))));
}

std::optional<DumpNote> read_dump(const postgres::Row& row) {
  auto place = journal::read_place(row, 1);
  auto name = DatabaseName::parse(row[6].value_or(""));
  auto instance = InstanceName::parse(row[7].value_or(""));
  if (!place || !name || !instance) return std::nullopt;
  return DumpNote{row[0].value_or(""),
                  *std::move(place),
                  *std::move(name),
                  *std::move(instance),
                  std::stoi(row[8].value_or("0")),
                  row[9].value_or(""),
                  std::stoll(row[10].value_or("0")),
                  row[11].value_or(""),
                  row[12].value_or(""),
                  row[13].value_or(""),
                  instant(row[14])};
}

std::string moment(Instant at) {
  return fmt::format("to_timestamp({} / 1000.0)", at.time_since_epoch().count());
}

std::string bytes(const BranchName& branch) {
  return journal::branch_bytes(Branch{branch});
}

}  // namespace

Result<void> Journal::note_dump(const DumpNote& note) {
  const Home& home = note.place.home;
  auto rows = state_->write_now(fmt::format(
      "INSERT INTO bough.dumps (id, repository, app, environment, branch, component, name, "
      "instance,"
      " version, commit, bytes, checksum, file, note, at) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, "
      "{},"
      " {}, {}, {}, {}, {}, {}) ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes,"
      " checksum = excluded.checksum, file = excluded.file, note = excluded.note, at = excluded.at",
      text(note.id), text(home.repository.text()), text(home.app.text()),
      text(kind_of(home.environment)), journal::branch_bytes(home.environment),
      text(note.place.component.text()), text(note.name.text()), text(note.instance.text()),
      note.version, text(note.commit), note.bytes, text(note.checksum), text(note.file),
      text(note.note), moment(note.at)));
  if (!rows) return rows.error();
  return {};
}

Result<std::vector<DumpNote>> Journal::dump_notes(const RepositoryName& repository) {
  auto rows = state_->ask(fmt::format(
      "SELECT id, repository, app, environment, encode(branch, 'hex'), component, name, instance,"
      " version, commit, bytes, checksum, file, note, {} FROM bough.dumps WHERE repository = {}"
      " ORDER BY at DESC, id LIMIT 10000",
      journal::milliseconds_of("at"), text(repository.text())));
  if (!rows) return rows.error();
  std::vector<DumpNote> result;
  for (const auto& row : *rows)
    if (auto note = read_dump(row)) result.push_back(*std::move(note));
  return result;
}

Result<std::map<BranchName, Activity>> Journal::branches(const RepositoryName& repository) {
  auto rows = state_->ask(
      fmt::format("SELECT encode(branch, 'hex'), tip, {} FROM bough.branches WHERE repository = {}",
                  journal::milliseconds_of("at"), text(repository.text())));
  if (!rows) return rows.error();
  std::map<BranchName, Activity> result;
  for (const auto& row : *rows) {
    auto branch = BranchName::parse(unhex(row[0].value_or("")));
    auto tip = Commit::parse(row[1].value_or(""));
    if (branch && tip)
      result.emplace(*std::move(branch), Activity{*std::move(tip), instant(row[2])});
  }
  return result;
}

Result<void> Journal::saw(const RepositoryName& repository,
                          const std::map<BranchName, Activity>& seen,
                          const std::set<BranchName>& gone) {
  std::string sql;
  const std::string whose = text(repository.text());
  for (const BranchName& branch : gone)
    sql += fmt::format("DELETE FROM bough.branches WHERE repository = {} AND branch = {}; ", whose,
                       bytes(branch));
  for (const auto& [branch, activity] : seen)
    sql += fmt::format(
        "INSERT INTO bough.branches (repository, branch, tip, at) VALUES ({}, {}, '{}', {})"
        " ON CONFLICT (repository, branch) DO UPDATE SET tip = excluded.tip, at = excluded.at; ",
        whose, bytes(branch), activity.tip.text(), moment(activity.at));
  return sql.empty() ? Result<void>() : state_->write_lazily(sql);
}

}  // namespace bough
