#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "spec/result.h"
#include "spec/secret.h"

namespace bough::operations {

/// A plan that somebody saved to have exactly it carried out. Holds no secret.
struct SavedPlan {
  std::string repository;
  std::vector<std::string> branches;
  std::string plan_id;
};

/// The plan document with its target, sealed with the key.
void seal(nlohmann::ordered_json& document, const SavedPlan& target, const Key& key);
/// Fault::stale for a text of another bough version or installation, or one that was edited.
Result<SavedPlan> read_sealed(std::string_view text, const Key& key);

}  // namespace bough::operations
