#pragma once

#include <string_view>
#include <vector>

namespace bough::journal {

/// The statements that lead from version i to version i + 1. Only ever appended to.
const std::vector<std::string_view>& migrations();

}  // namespace bough::journal
