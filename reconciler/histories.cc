#include "reconciler/histories.h"

#include <set>

namespace bough {
namespace {

using Attempts = std::map<Place, std::set<Commit>>;

/// Whether the files of the commit are still to be compared with those that ran.
bool pending(const WantedHome& home, const Wanted& wanted, const Mark* mark) {
  if (wanted.migrations.empty() || !mark) return false;
  return !mark->migrated || mark->migrated->commit != home.commit;
}

bool any_pending(const Desired& desired, const Observed& observed,
                 const RepositoryName& repository) {
  for (const WantedHome& home : desired.homes)
    for (const Wanted& wanted : home.databases)
      if (home.home.repository == repository && pending(home, wanted, mark_of(observed, wanted)))
        return true;
  return false;
}

/// The history of one database: of commits that Git still has.
History history_of(const RepositoryConfig& repository, const Mirror& mirror, const Mark& mark,
                   const std::set<Commit>& attempts) {
  const auto files_of = [&](const Commit& commit) {
    return mirror.files(
        commit, migration_folders(repository.migrations),
        [&](std::string_view path) { return is_migration(path, repository.migrations); });
  };
  History history;
  if (mark.migrated) {
    auto files = files_of(mark.migrated->commit);
    history.known = static_cast<bool>(files);
    if (files) history.applied = *std::move(files);
  }
  for (const Commit& commit : attempts)
    if (auto files = files_of(commit))
      // Of two attempts with different contents, one is other than whatever comes.
      for (const auto& [path, id] : *files) {
        const auto [entry, fresh] = history.attempted.emplace(path, id);
        if (!fresh && entry->second != id) entry->second = "several";
      }
  return history;
}

Result<void> observe_repository(Installation& installation, Journal* journal,
                                const RepositoryConfig& repository, const Desired& desired,
                                Observed& observed) {
  Attempts attempts;
  if (journal) {
    auto told = journal->attempts(repository.name);
    if (!told) return told.error();
    attempts = *std::move(told);
    auto accepted = journal->accepted(repository.name);
    if (!accepted) return accepted.error();
    observed.accepted.merge(*accepted);
  }
  auto borrowed = installation.mirror(repository);
  if (!borrowed) return borrowed.error();
  for (const WantedHome& home : desired.homes)
    for (const Wanted& wanted : home.databases) {
      const Mark* mark = mark_of(observed, wanted);
      if (home.home.repository != repository.name || !pending(home, wanted, mark)) continue;
      observed.histories.emplace(
          wanted.place, history_of(repository, *borrowed->mirror, *mark, attempts[wanted.place]));
    }
  return {};
}

}  // namespace

const Mark* mark_of(const Observed& observed, const Wanted& wanted) {
  const auto seen = observed.instances.find(wanted.instance);
  if (seen == observed.instances.end()) return nullptr;
  const auto* contents = std::get_if<Contents>(&seen->second);
  if (!contents) return nullptr;
  for (const auto& [name, database] : contents->databases)
    if (database.mark && database.mark->place == wanted.place && in_place(database.mark->standing))
      return &*database.mark;
  return nullptr;
}

Result<void> observe_histories(Installation& installation, const Desired& desired,
                               Observed& observed) {
  auto journal = installation.journal();
  if (!journal) return journal.error();
  for (const RepositoryName& name : desired.speaks_for) {
    const RepositoryConfig* repository = installation.repository(name.text());
    if (!repository || !any_pending(desired, observed, name)) continue;
    if (auto seen = observe_repository(installation, *journal, *repository, desired, observed);
        !seen)
      return seen;
  }
  return {};
}

}  // namespace bough
