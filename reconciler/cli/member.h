#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace bough::cli {

/// The text that a member of a document has; empty when it has none.
std::string text(const nlohmann::ordered_json& document, const char* member);

}  // namespace bough::cli
