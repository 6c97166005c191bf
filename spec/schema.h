#pragma once

#include <string>

namespace bough {

/// JSON Schemas (draft 7) for editors: what they refuse, the readers refuse, and what a shape says,
/// they say. What only the readers know (names that repeat, URLs, durations) passes.
std::string app_schema();
std::string config_schema();

}  // namespace bough
