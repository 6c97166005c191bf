#pragma once

#include <string>
#include <string_view>

namespace bough {

/// What differs between two texts, as the hunks of a unified diff (three lines around each change);
/// empty for equal ones.
std::string text_diff(std::string_view before, std::string_view after);

}  // namespace bough
