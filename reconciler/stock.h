#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <vector>

#include "spec/desired.h"
#include "spec/observed.h"
#include "spec/plan.h"

/// What is kept ready for the databases of branches: pure, over what is wanted and seen.
namespace bough {

/// What one instance keeps ready for one component of an app.
struct WantedStock {
  InstanceName instance;
  Stock stock;
  std::vector<MaskingRule> masking;
  std::chrono::milliseconds refresh;
  int spares = 0;
  Place production;
  bool operator==(const WantedStock&) const = default;
};

/// All that a settled desire wants kept ready.
std::vector<WantedStock> wanted_stock(const Desired& desired);

/// The newest finished template; null without one.
const StockMark* newest_template(const Contents& contents, const Stock& stock);

/// The spares that a new database may be made of: those of the newest template, or empty ones.
std::vector<StockMark> fresh_spares(const Contents& contents, const Stock& stock);

/// Whether a name of what is kept ready can be used for a new one: what is unfinished is in
/// nobody's hands unless it is busy.
bool is_free(const Contents* contents, const DatabaseName& name);

/// Production's database of that place; nothing when it is not seen, or not in use.
struct CopySource {
  InstanceName instance;
  Mark mark;
  int version = 0;
};
std::optional<CopySource> source_of(const Observed& observed, const Place& production);

enum class Refresh { due, all };
/// What is to be done now so that all that is wanted is there and fresh, and nothing else of these
/// repositories is: templates before spares, drops first. Several steps may build on one another.
std::vector<Step> upkeep(const std::vector<WantedStock>& wanted, const Observed& observed,
                         Instant now, Refresh refresh);

/// Drops all that is kept ready for repositories that are not among these.
std::vector<Step> clearance(const std::set<RepositoryName>& repositories, const Observed& observed);

}  // namespace bough
