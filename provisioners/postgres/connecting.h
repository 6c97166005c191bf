#pragma once

#include <string>
#include <vector>

namespace bough::postgres {

/// What a program's -d is told, given libpq's variables: the database that they name, whatever its
/// name is, and when a silent server counts as lost, for which there are no variables.
std::string target_of(const std::vector<std::string>& environment);

}  // namespace bough::postgres
