#include "reconciler/rehearsal_notes.h"

#include <fmt/format.h>

#include <algorithm>

#include "spec/secret.h"

namespace bough {
namespace {

std::string sum_of(std::string_view bytes) {
  const auto sum = sha256(bytes);
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()}).substr(0, 32);
}

bool migrates(const WantedHome& home) {
  return std::holds_alternative<Branch>(home.home.environment) &&
         std::any_of(home.databases.begin(), home.databases.end(),
                     [](const Wanted& wanted) { return !wanted.migrations.empty(); });
}

std::string commands_of(const WantedHome& home) {
  std::string bytes = digest(home.builds);
  for (const Wanted& wanted : home.databases)
    bytes += fmt::format("|{}:{}", wanted.place.component.text(), digest(wanted.migrations));
  return sum_of(bytes);
}

/// What a copy of production depends on, as far as the marks tell.
std::string production_of(const Home& home, const Observed& observed) {
  const Home production{home.repository, home.app, Production{}};
  std::string bytes;
  for (const auto& [instance, seen] : observed.instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases) {
      if (!database.mark || database.mark->place.home != production) continue;
      const auto& migrated = database.mark->migrated;
      bytes +=
          fmt::format("{}|{}|{}|{}|{}\n", instance.text(), name, word_of(database.mark->standing),
                      migrated ? migrated->commit.text() : "", migrated ? migrated->digest : "");
    }
  }
  return sum_of(bytes);
}

/// Whether something keeps its commands from running.
bool waits(const WantedHome& home, const Observed& observed) {
  if (home.runs_refused) return true;
  if (!home.wait_for) return false;
  return std::none_of(
      observed.reports.begin(), observed.reports.end(), [&](const ReportedBuild& one) {
        return one.repository == home.home.repository && one.commit == home.commit &&
               one.name == *home.wait_for && one.succeeded;
      });
}

bool all_answer(const Observed& observed) {
  return std::none_of(observed.instances.begin(), observed.instances.end(), [](const auto& entry) {
    return std::holds_alternative<Unreachable>(entry.second);
  });
}

}  // namespace

RehearsalKey key_of(const WantedHome& home, const Observed& observed) {
  return {home.home, home.commit, commands_of(home), production_of(home.home, observed)};
}

std::vector<RehearsalRecord> rehearsals_of(const Desired& desired, const Observed& observed,
                                           const std::map<RehearsalKey, RehearsalRecord>& kept) {
  std::vector<RehearsalRecord> result;
  for (const WantedHome& home : desired.homes) {
    if (!migrates(home)) continue;
    const RehearsalKey key = key_of(home, observed);
    const auto known = kept.find(key);
    result.push_back(known == kept.end() ? RehearsalRecord{key, RehearsalState::none}
                                         : known->second);
  }
  return result;
}

std::vector<RehearsalKey> due(const std::vector<RehearsalRecord>& rehearsals,
                              const Desired& desired, const Observed& observed) {
  std::vector<RehearsalKey> result;
  if (!all_answer(observed)) return result;
  for (const RehearsalRecord& one : rehearsals) {
    if (one.state != RehearsalState::none) continue;
    const auto home =
        std::find_if(desired.homes.begin(), desired.homes.end(),
                     [&](const WantedHome& each) { return each.home == one.key.home; });
    if (home != desired.homes.end() && !waits(*home, observed)) result.push_back(one.key);
  }
  return result;
}

}  // namespace bough
