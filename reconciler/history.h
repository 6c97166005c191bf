#pragma once

#include <optional>
#include <string>
#include <variant>

#include "spec/desired.h"
#include "spec/observed.h"

namespace bough {

/// What a commit does to migrations that were run already, in words for people: `db/1_a.sql was
/// edited after it ran`. Nothing when it only adds to them.
std::optional<std::string> rewriting(const MigrationFiles& ran, const MigrationFiles& files);

/// The same of a file that is new and has its number before one that was run: tools differ in what
/// they make of it, so the result is not what a new database would get.
std::optional<std::string> insertion(const MigrationFiles& ran, const MigrationFiles& files);

/// How a database goes on to a commit.
struct Onward {};  ///< as it is
struct Rebuild {   ///< from nothing, the old one set aside
  std::string because;
};
struct Stop {  ///< a person decides
  std::string because;
};
using Way = std::variant<Onward, Rebuild, Stop>;

/// The way of a place that is migrated to the home's commit: a branch ends as a new database would;
/// production is never rebuilt.
Way way_of(const WantedHome& home, const History& history, bool accepted);

}  // namespace bough
