// What the journal knows of a branch goes with it when it is renamed.
#include <fmt/format.h>

#include "reconciler/journal/journal.h"
#include "reconciler/journal/rows.h"
#include "reconciler/journal/state.h"

namespace bough {

using journal::matches;
using journal::text;

namespace {

std::string columns(const Home& home) {
  return fmt::format("{}, {}, {}, {}", text(home.repository.text()), text(home.app.text()),
                     text(kind_of(home.environment)), journal::branch_bytes(home.environment));
}

/// Only while there is something to move, so that moving again does not forget what was moved.
std::string forget_runs(const Home& from, const Home& to) {
  return fmt::format(
      "UPDATE bough.runs SET superseded = true, forgotten = true WHERE NOT forgotten AND state <>"
      " 'queued' AND {} AND EXISTS (SELECT FROM bough.runs WHERE {});",
      matches(to), matches(from));
}

std::string move_acceptances(const Home& from, const Home& to) {
  return fmt::format(
      "INSERT INTO bough.acceptances (repository, app, environment, branch, commit, at)"
      " SELECT {}, commit, at FROM bough.acceptances WHERE {} ON CONFLICT DO NOTHING;"
      "DELETE FROM bough.acceptances WHERE {};",
      columns(to), matches(from), matches(from));
}

}  // namespace

Result<void> Journal::move(const Home& from, const Home& to) {
  auto rows = state_->write_now(
      forget_runs(from, to) + move_acceptances(from, to) +
      fmt::format("UPDATE bough.runs SET (repository, app, environment, branch) = ({}) WHERE {}",
                  columns(to), matches(from)));
  if (!rows) return rows.error();
  return {};
}

}  // namespace bough
