#include <fmt/format.h>

#include "reconciler/planner_renames.h"

namespace bough::planner {
namespace {

/// The branches of one repository that came and went between two passes, by their commit.
struct Turnover {
  std::map<Commit, std::set<BranchName>> gone;
  std::map<Commit, std::set<BranchName>> come;
};

bool is_there(const Desired& desired, const RepositoryName& repository, const BranchName& branch) {
  const auto watched = desired.watched.find(repository);
  if (watched != desired.watched.end() && watched->second.contains(branch)) return true;
  const auto unreadable = desired.unreadable.find(repository);
  return unreadable != desired.unreadable.end() && unreadable->second.contains(Branch{branch});
}

std::map<RepositoryName, Turnover> turnover(const Desired& desired, const Observed& observed) {
  std::map<RepositoryName, Turnover> result;
  for (const auto& [where, activity] : observed.activity)
    if (desired.speaks_for.contains(where.first) && !is_there(desired, where.first, where.second))
      result[where.first].gone[activity.tip].insert(where.second);
  for (const WantedHome& home : desired.homes) {
    const auto* branch = std::get_if<Branch>(&home.home.environment);
    if (branch && !observed.activity.contains({home.home.repository, branch->name}))
      result[home.home.repository].come[home.commit].insert(branch->name);
  }
  return result;
}

/// The name that the home's branch had before, if that is plain.
std::optional<BranchName> former_name(const std::map<RepositoryName, Turnover>& turnovers,
                                      const WantedHome& home) {
  const auto there = turnovers.find(home.home.repository);
  if (there == turnovers.end()) return std::nullopt;
  const auto gone = there->second.gone.find(home.commit);
  const auto come = there->second.come.find(home.commit);
  if (gone == there->second.gone.end() || come == there->second.come.end()) return std::nullopt;
  if (gone->second.size() != 1 || come->second.size() != 1) return std::nullopt;
  if (home.home.environment != Environment(Branch{*come->second.begin()})) return std::nullopt;
  return *gone->second.begin();
}

bool can_move(const Sight& sight, const Seen& seen, const Place& from) {
  const Standing& standing = seen.database->mark->standing;
  const SeenRole* role = sight.role(seen.instance, seen.name.text());
  return (std::holds_alternative<Active>(standing) ||
          std::holds_alternative<Suspended>(standing)) &&
         !seen.database->broken && role && role->mark && role->mark->place == from;
}

struct Renamed {
  const WantedHome& home;
  const Wanted& wanted;
  const BranchName& former;
  Seen seen;  ///< at the place that it had
};

/// Calls `visit` for each database that can go with its branch.
template <typename Visit>
void each_renamed(const Desired& desired, const Sight& sight, Visit visit) {
  const auto turnovers = turnover(desired, sight.observed());
  for (const WantedHome& home : desired.homes) {
    const auto former = former_name(turnovers, home);
    if (!former) continue;
    for (const Wanted& wanted : home.databases) {
      Place from = wanted.place;
      from.home.environment = Branch{*former};
      if (!sight.everywhere(wanted.place).empty()) continue;
      for (const Seen& seen : sight.everywhere(from))
        if (can_move(sight, seen, from)) visit(Renamed{home, wanted, *former, seen});
    }
  }
}

}  // namespace

std::map<Place, InstanceName> movable(const Desired& desired, const Sight& sight) {
  std::map<Place, InstanceName> result;
  each_renamed(desired, sight,
               [&](const Renamed& one) { result.emplace(one.wanted.place, one.seen.instance); });
  return result;
}

void plan_renames(const Desired& desired, const Sight& sight, Draft& draft) {
  each_renamed(desired, sight, [&](const Renamed& one) {
    if (one.seen.instance != one.wanted.instance) return;
    draft.add(MoveDatabase{{one.seen.instance, one.wanted.place, one.seen.name},
                           *one.seen.database->mark},
              fmt::format("branch {} was renamed to {}", printable(one.former.text()),
                          printable(one.home.branch.text())));
  });
}

}  // namespace bough::planner
