#include <fmt/format.h>

#include "reconciler/journal/journal.h"
#include "reconciler/journal/rows.h"
#include "reconciler/journal/state.h"

namespace bough {

using journal::text;

namespace {

std::string timestamp(const std::optional<Instant>& at) {
  return at ? fmt::format("to_timestamp({} / 1000.0)", at->time_since_epoch().count()) : "NULL";
}

std::optional<Instant> instant(const std::optional<std::string>& milliseconds) {
  if (!milliseconds) return std::nullopt;
  return Instant(std::chrono::milliseconds(std::stoll(*milliseconds)));
}

std::string address_of(const RepositoryName& repository, const Commit& commit) {
  return repository.text() + "/" + path_of(Preview{commit});
}

}  // namespace

Result<void> Journal::approve(const Approval& approval) {
  const std::string repository = text(approval.repository.text());
  const std::string others =
      pull_request_of(approval.ref)
          ? fmt::format(
                "WITH others AS (UPDATE bough.approvals SET ended_at = clock_timestamp(),"
                " ended_by = {} WHERE repository = {} AND ref = {} AND commit <> '{}' AND"
                " ended_at IS NULL), ",
                text(approval.by), repository, text(approval.ref), approval.commit.text())
          : "WITH ";
  auto rows = state_->write_now(fmt::format(
      "{}said AS (INSERT INTO bough.approvals (repository, commit, ref, approved_by, approved_at,"
      " runs_out_at) VALUES ({}, '{}', {}, {}, {}, {}) ON CONFLICT (repository, commit) DO UPDATE"
      " SET ref = excluded.ref, approved_by = excluded.approved_by,"
      " approved_at = excluded.approved_at, runs_out_at = excluded.runs_out_at, ended_at = NULL,"
      " ended_by = '')"
      " INSERT INTO bough.events (repository, address, kind, message) VALUES ({}, {}, 'approved',"
      " {})",
      others, repository, approval.commit.text(), text(approval.ref), text(approval.by),
      timestamp(approval.since), timestamp(approval.until), repository,
      text(address_of(approval.repository, approval.commit)),
      text(fmt::format("{} of {} gets an environment, by {}", approval.commit.text(), approval.ref,
                       approval.by))));
  if (!rows) return rows.error();
  return {};
}

Result<std::map<RepositoryName, std::string>> Journal::approval_marks() {
  auto rows = state_->ask(
      "SELECT repository, concat(count(*), ' ', max(approved_at), ' ', max(ended_at), ' ', "
      "max(runs_out_at)) FROM bough.approvals GROUP BY repository");
  if (!rows) return rows.error();
  std::map<RepositoryName, std::string> marks;
  for (const auto& row : *rows)
    if (auto name = RepositoryName::parse(row[0].value_or("")))
      marks.emplace(*std::move(name), row[1].value_or(""));
  return marks;
}

Result<bool> Journal::end_approval(const RepositoryName& repository, const Commit& commit,
                                   std::string_view by) {
  auto rows = state_->write_now(fmt::format(
      "WITH ended AS (UPDATE bough.approvals SET ended_at = clock_timestamp(), ended_by = {0}"
      " WHERE repository = {1} AND commit = '{2}' AND ended_at IS NULL RETURNING commit)"
      " INSERT INTO bough.events (repository, address, kind, message)"
      " SELECT {1}, {3}, 'approval-ended', {4} FROM ended RETURNING id",
      text(by), text(repository.text()), commit.text(), text(address_of(repository, commit)),
      text(fmt::format("{} is no longer wanted, by {}", commit.text(), by))));
  if (!rows) return rows.error();
  return !rows->empty();
}

Result<std::vector<Approval>> Journal::approvals(const RepositoryName& repository) {
  auto rows = state_->ask(fmt::format(
      "SELECT commit, ref, approved_by, {}, {}, {} FROM bough.approvals WHERE repository = {}"
      " ORDER BY approved_at DESC, commit",
      journal::milliseconds_of("approved_at"), journal::milliseconds_of("runs_out_at"),
      journal::milliseconds_of("ended_at"), text(repository.text())));
  if (!rows) return rows.error();
  std::vector<Approval> result;
  for (const auto& row : *rows) {
    auto commit = Commit::parse(row[0].value_or(""));
    const auto since = instant(row[3]);
    if (commit && since)
      result.push_back({repository, *std::move(commit), row[1].value_or(""), row[2].value_or(""),
                        *since, instant(row[4]), instant(row[5])});
  }
  return result;
}

}  // namespace bough
