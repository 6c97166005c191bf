#include "reconciler/cli/member.h"

#include <nlohmann/json.hpp>

namespace bough::cli {

std::string text(const nlohmann::ordered_json& document, const char* member) {
  const auto found = document.find(member);
  return found != document.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace bough::cli
