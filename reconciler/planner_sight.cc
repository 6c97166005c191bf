#include "reconciler/planner_parts.h"

namespace bough::planner {

Sight::Sight(const Observed& observed) : observed_(observed) {
  for (const auto& [instance, seen] : observed.instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases) {
      if (!database.mark) continue;
      if (in_place(database.mark->standing))
        by_place_.emplace(database.mark->place, Seen{instance, database.mark->name, &database});
      if (is_aside(database.mark->standing)) aside_.emplace(instance, database.mark->place);
    }
  }
}

const SeenInstance* Sight::instance(const InstanceName& name) const {
  const auto found = observed_.instances.find(name);
  return found == observed_.instances.end() ? nullptr : &found->second;
}

const Contents* Sight::contents(const InstanceName& name) const {
  const SeenInstance* seen = instance(name);
  return seen ? std::get_if<Contents>(seen) : nullptr;
}

std::optional<Seen> Sight::find(const InstanceName& instance, const Place& place) const {
  const auto [first, last] = by_place_.equal_range(place);
  for (auto entry = first; entry != last; ++entry)
    if (entry->second.instance == instance) return entry->second;
  return std::nullopt;
}

std::vector<Seen> Sight::everywhere(const Place& place) const {
  std::vector<Seen> result;
  const auto [first, last] = by_place_.equal_range(place);
  for (auto entry = first; entry != last; ++entry) result.push_back(entry->second);
  return result;
}

bool Sight::keeps_aside(const InstanceName& instance, const Place& place) const {
  return aside_.contains({instance, place});
}

const SeenRole* Sight::role(const InstanceName& instance, const std::string& name) const {
  const Contents* there = contents(instance);
  if (!there) return nullptr;
  const auto found = there->roles.find(name);
  return found == there->roles.end() ? nullptr : &found->second;
}

bool Sight::foreign_role(const InstanceName& instance, const std::string& name,
                         const Place& place) const {
  const SeenRole* there = role(instance, name);
  return there && (!there->mark || there->mark->place != place);
}

bool Sight::half_created(const InstanceName& instance, const std::string& name,
                         const Place& place) const {
  const Contents* there = contents(instance);
  const SeenRole* owner = role(instance, name);
  if (!there || !owner || !owner->mark || owner->mark->place != place) return false;
  const auto found = there->databases.find(name);
  return found != there->databases.end() && !found->second.mark && !found->second.open &&
         found->second.owner == name;
}

void Draft::add(Action action, std::string because, bool drift) {
  plan.steps.push_back({std::move(action), std::move(because), drift});
}

void Draft::refuse(const Place& place, std::string reason) {
  plan.refused.push_back({place.home.repository, place, address(place), std::move(reason)});
}

void Draft::alarm(const Place& place, std::string reason) {
  refuse(place, std::move(reason));
  plan.refused.back().drift = true;
}

void start_instances_first(Draft& draft) {
  std::vector<Step> steps;
  for (const auto& [instance, version] : draft.to_start)
    steps.push_back({StartInstance{instance, version},
                     "a database of version " + std::to_string(version) + " is wanted", false});
  for (auto& [key, step] : draft.fills) steps.push_back(std::move(step));
  draft.plan.steps.insert(draft.plan.steps.begin(), steps.begin(), steps.end());
}

std::string shortened(const Commit& commit) {
  return commit.text().substr(0, 7);
}

}  // namespace bough::planner
