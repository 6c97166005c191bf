#include "reconciler/operations/sealed_plan.h"

#include <nlohmann/json.hpp>

#include "reconciler/documents.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;

std::string sum_of(const Json& document, const Key& key) {
  const auto sum = key.derive("plan\n" + document.dump());
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()});
}

}  // namespace

void seal(Json& document, const SavedPlan& target, const Key& key) {
  document["target"] = {{"repository", target.repository}, {"branches_hex", Json::array()}};
  for (const std::string& branch : target.branches)
    document["target"]["branches_hex"].push_back(hex(branch));
  document["seal"] = sum_of(document, key);
}

Result<SavedPlan> read_sealed(std::string_view text, const Key& key) {
  const Error stale{Fault::stale, "it is not a whole plan of this bough: plan again"};
  Json body = Json::parse(text, nullptr, false);
  if (!body.is_object() || !body.contains("seal") || !body["seal"].is_string()) return stale;
  const std::string seal = body["seal"];
  body.erase("seal");
  // Whoever has no key can make no seal, so past this line the text is ours.
  if (sum_of(body, key) != seal || body.value("bough_version", "") != kVersion) return stale;
  SavedPlan saved{body["target"]["repository"], {}, body["plan_id"]};
  for (const Json& branch : body["target"]["branches_hex"])
    saved.branches.push_back(unhex(branch.get<std::string>()));
  return saved;
}

}  // namespace bough::operations
