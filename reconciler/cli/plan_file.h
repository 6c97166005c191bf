#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "reconciler/cli/commands.h"

namespace bough::cli {

/// A plan that somebody saved to have exactly it carried out. Holds no secret.
struct SavedPlan {
  Target target;
  std::string plan_id;
};

/// Writes the plan document with its target, sealed with the key, to the file (mode 0600).
Result<void> save_plan(const std::string& file, const Target& target,
                       nlohmann::ordered_json document, const Key& key);
/// Fault::stale for a file of another bough version or installation, or one that was edited.
Result<SavedPlan> load_plan(const std::string& file, const Key& key);

}  // namespace bough::cli
