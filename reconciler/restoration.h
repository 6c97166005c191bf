#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reconciler/manual.h"
#include "spec/dump.h"
#include "spec/result.h"

/// What brings a branch's database back: pure, over what servers and the folder of dumps hold.
namespace bough {

/// What is to be brought back; of what is not named, the best there is.
struct Wish {
  RepositoryName repository;
  Environment environment;
  std::optional<ComponentName> component{};
  std::string dump{};   ///< an id
  std::string aside{};  ///< a database that was set aside
  Limits limits{};      ///< of a login that has to be made
};

/// The steps that bring back: a held database as it is, else what was set aside last, else the last
/// dump. What is in use meanwhile is set aside, never lost. Fault::missing when there is nothing;
/// Fault::refused when nothing may be done.
Result<std::vector<Step>> restoration(const Wish& wish, const Observed& observed,
                                      const std::vector<Dump>& dumps, Instant now);

/// The steps that set aside what a branch uses, so that it is made anew. Fault::missing when there
/// is nothing; Fault::refused for production, and for what waits for its end.
Result<std::vector<Step>> renewal(const std::vector<Ours>& databases, const Observed& observed,
                                  Instant now);

/// The name for a database that is set aside next.
DatabaseName free_aside_name(const Target& at, const Observed& observed);

}  // namespace bough
