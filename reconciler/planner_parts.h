#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "reconciler/planner.h"

/// The parts of the planner; only planner.cc and its tests have business here.
namespace bough::planner {

/// A database of ours as it was seen.
struct Seen {
  InstanceName instance;
  DatabaseName name;
  const SeenDatabase* database;
};

/// Observed, indexed by place.
class Sight {
 public:
  explicit Sight(const Observed& observed);

  const Observed& observed() const { return observed_; }
  /// Nothing when the instance was not looked at.
  const SeenInstance* instance(const InstanceName& name) const;
  const Contents* contents(const InstanceName& name) const;
  /// The marked database of a place on an instance; never one that was set aside.
  std::optional<Seen> find(const InstanceName& instance, const Place& place) const;
  /// All marked databases of a place, likewise.
  std::vector<Seen> everywhere(const Place& place) const;
  /// Whether anything that was set aside from the place is still there.
  bool keeps_aside(const InstanceName& instance, const Place& place) const;
  const SeenRole* role(const InstanceName& instance, const std::string& name) const;
  /// Whether a role of that name is there and bears no mark of ours for the place.
  bool foreign_role(const InstanceName& instance, const std::string& name,
                    const Place& place) const;
  /// Whether CREATE DATABASE happened but the transaction that marks and opens it did not: nobody
  /// has ever been in there.
  bool half_created(const InstanceName& instance, const std::string& name,
                    const Place& place) const;

 private:
  const Observed& observed_;
  std::multimap<Place, Seen> by_place_;
  std::set<std::pair<InstanceName, Place>> aside_;
};

/// A plan in the making.
struct Draft {
  Plan plan;
  std::map<InstanceName, int> to_start;                         ///< dev instances this plan needs
  std::map<std::pair<InstanceName, std::string>, Place> names;  ///< claimed for creation
  std::map<Place, Target> targets;                              ///< where wanted databases will be
  std::map<Place, Mark> marks;                                  ///< and their marks by then
  std::map<std::pair<InstanceName, Stock>, Step> fills;         ///< templates that this plan needs
  Instant now{};

  void add(Action action, std::string because, bool drift = false);
  void refuse(const Place& place, std::string reason);
  /// The same for what was changed outside of bough and is not put back.
  void alarm(const Place& place, std::string reason);
};

/// Where a new database comes from: what is kept ready, nothing at all, or nowhere so far.
struct FromStock {
  Stock stock;
  DatabaseName spare;
  std::string because;
};
struct FromNothing {
  std::string because{};  ///< when it is not for lack of a wish
};
struct NoOrigin {
  std::string reason;
};
using Origin = std::variant<FromStock, FromNothing, NoOrigin>;

/// Where the wanted database will come from; remembers what the plan needs for that.
Origin origin_of(const Wanted& wanted, const Target& at, const Sight& sight, Draft& draft);

/// Plans that templates and spares go which no database will come from any more.
void plan_stock_departures(const Desired& desired, const Sight& sight, Draft& draft);

/// Plans what the database itself needs. Whether it will be there and usable when that is done.
bool plan_database(const Wanted& wanted, const WantedHome& home, const Sight& sight, Draft& draft);

struct Rules {
  Policy policy;
  Instant now;
  std::set<Home> expired{};  ///< that Git asks for, and nobody used for their time to live
};

/// The homes that nobody pushed to, or asked for, for longer than their repository lets them live.
std::set<Home> expired_homes(const Desired& desired, const Sight& sight, Instant now);

/// What a pass over the unwanted knows.
struct Departures {
  Departures(const Desired& asked, const Sight& seen, std::set<Place> not_met = {});

  const Desired& desired;
  const Sight& sight;
  std::set<Place> unmet;                 ///< wanted places that do not get their database now
  std::map<Place, InstanceName> wanted;  ///< where wanted databases are to be
};

/// Whether Git says what it wants for the environment, so that silence means something.
bool is_spoken_for(const Departures& pass, const Home& home);
/// Whether the place is really gone, and not merely unknown or still waiting for its successor.
bool gone(const Departures& pass, const Place& place, const InstanceName& instance);

/// Plans the move of databases whose branch has another name at the same commit now.
void plan_renames(const Desired& desired, const Sight& sight, Draft& draft);

/// Plans the removal of scratch copies: whoever made them is gone.
void plan_scratch(const Desired& desired, const Sight& sight, Draft& draft);

/// Plans what follows holds that are over: a dump, then the drop.
void plan_endings(const Departures& pass, const Rules& rules, Draft& draft);

/// Plans the build and the migrations of a home whose databases are all ready.
void plan_runs(const WantedHome& home, const Sight& sight, const Rules& rules, Draft& draft);

/// Plans the removal of what interrupted creations and drops left of branches that nobody wants:
/// there is no data in it.
void plan_leftovers(const Desired& desired, const Sight& sight, Draft& draft);

/// Plans what becomes of copies from before migrations that were left over: the database is put
/// back unless the migration is known to have succeeded.
void plan_images(const Desired& desired, const Sight& sight, Draft& draft);

/// The name of the copy that is made before a migration.
inline DatabaseName image_name(const DatabaseName& name) {
  return aside_name(name, 0);
}

/// Plans what happens to our databases that nobody wants; those of `unmet` places stay.
void plan_departures(const Desired& desired, const Sight& sight, const std::set<Place>& unmet,
                     const Rules& rules, Draft& draft);

void start_instances_first(Draft& draft);

/// `1a2b3c4`
std::string shortened(const Commit& commit);

}  // namespace bough::planner
