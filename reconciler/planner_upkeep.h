#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reconciler/planner_parts.h"

/// What is planned around databases that are there: only the planner's own files have business
/// here.
namespace bough::planner {

/// One wanted database.
struct Subject {
  const Wanted& wanted;
  const WantedHome& home;
  const Sight& sight;
};

/// Why a production database is not made: it, or its role, was there before. In words for people.
std::optional<std::string> lost_production(const Subject& subject, const DatabaseName& name);

/// Says which databases bear a copy of the note of a wanted one that is there.
void note_copies(const Subject& subject, Draft& draft);

/// What the database's role and the grants on it are to be, and what bough may put there: plans
/// what differs. `mark` is the mark by then. Whether the database can be migrated.
bool plan_upkeep(const Subject& subject, const Seen& seen, Mark& mark, Draft& draft);

/// Plans what a role that was there before its database needs.
void plan_earlier_role(const Subject& subject, const Target& at, Draft& draft);

/// Plans what a database that was just made needs besides.
void plan_equipment(const Subject& subject, const Target& at, Mark& mark, Draft& draft);

/// Plans to give branches' databases and roles that were renamed outside of bough their names back.
void plan_strays(const Desired& desired, const Sight& sight, Draft& draft);

/// The databases and the role that bear the mark of a place for a name that nothing has any more.
struct Strays {
  std::vector<DatabaseName> databases;
  std::vector<DatabaseName> roles;
  bool any() const { return !databases.empty() || !roles.empty(); }
};
Strays strays_of(const Sight& sight, const InstanceName& instance, const Place& place);

}  // namespace bough::planner
