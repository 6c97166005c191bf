#include "reconciler/manual.h"

#include <fmt/format.h>

namespace bough {
namespace {

Step standing(const Ours& database, Standing standing, const char* because) {
  Mark mark = database.mark;
  mark.standing = std::move(standing);
  return {SetStanding{database.at, mark}, because, false};
}

std::vector<Ours> marked(const Observed& observed, const RepositoryName& repository,
                         const std::set<Environment>& environments, bool aside) {
  std::vector<Ours> result;
  for (const auto& [instance, seen] : observed.instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases) {
      if (!database.mark || database.mark->place.home.repository != repository) continue;
      const Place& place = database.mark->place;
      if (!is_aside(database.mark->standing) && !in_place(database.mark->standing)) continue;
      if (is_aside(database.mark->standing) != aside) continue;
      if (!environments.empty() && !environments.contains(place.home.environment)) continue;
      result.push_back({{instance, place, database.mark->name}, *database.mark});
    }
  }
  return result;
}

}  // namespace

std::vector<Ours> ours(const Observed& observed, const RepositoryName& repository,
                       const std::set<Environment>& environments) {
  return marked(observed, repository, environments, false);
}

std::vector<Ours> set_aside(const Observed& observed, const RepositoryName& repository,
                            const std::set<Environment>& environments) {
  return marked(observed, repository, environments, true);
}

std::vector<Step> suspension(const std::vector<Ours>& databases, Instant now) {
  std::vector<Step> steps;
  for (const Ours& database : databases)
    if (std::holds_alternative<Active>(database.mark.standing))
      steps.push_back(standing(database, Suspended{now}, "bough suspend"));
  return steps;
}

std::vector<Step> resumption(const std::vector<Ours>& databases, Instant now) {
  std::vector<Step> steps;
  for (Ours database : databases) {
    if (std::holds_alternative<Active>(database.mark.standing)) continue;
    database.mark.renewed = now;
    steps.push_back(standing(database, Active{}, "bough resume"));
  }
  return steps;
}

std::vector<Step> confirmation(const std::vector<Ours>& databases) {
  std::vector<Step> steps;
  for (const Ours& database : databases) {
    const auto* held = std::get_if<Held>(&database.mark.standing);
    // Production's never end by themselves, whatever a person says.
    if (!held || !held->ask || is_production(database.at.place.home.environment)) continue;
    steps.push_back(standing(database, Held{held->since, false, held->aside}, "bough confirm"));
  }
  return steps;
}

std::vector<Step> rotation(const std::vector<Ours>& databases) {
  std::vector<Step> steps;
  for (const Ours& database : databases) {
    if (!std::holds_alternative<Active>(database.mark.standing)) continue;
    Mark mark = database.mark;
    ++mark.generation;
    steps.push_back({SetPassword{database.at, mark}, "bough rotate", false});
  }
  return steps;
}

Result<Ours> typed_out(const std::vector<Ours>& databases, const std::string& name,
                       const std::string& instance) {
  std::vector<Ours> found;
  std::vector<std::string> all;
  std::vector<std::string> alike;
  for (const Ours& one : databases) {
    const std::string title = printable(one.at.name.text()) + " on " + one.at.instance.text();
    all.push_back(title);
    if (one.at.name.text() != name) continue;
    if (!instance.empty() && one.at.instance.text() != instance) continue;
    found.push_back(one);
    alike.push_back(title);
  }
  if (found.size() == 1) return found.front();
  if (found.empty())
    return Error{Fault::missing,
                 fmt::format("there is no database {}{}; nothing was destroyed (there are: {})",
                             printable(name), instance.empty() ? "" : " on " + printable(instance),
                             all.empty() ? "none" : fmt::format("{}", fmt::join(all, ", ")))};
  return Error{Fault::refused, fmt::format("there are {}; nothing was destroyed: say which with "
                                           "--instance",
                                           fmt::join(alike, " and "))};
}

std::vector<Step> destruction(const Ours& database) {
  return {{DropDatabase{database.at}, "bough destroy", false},
          {DropRole{database.at}, "bough destroy", false}};
}

}  // namespace bough
