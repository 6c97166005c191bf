#pragma once

#include <map>
#include <set>
#include <string>

#include "spec/bindables.h"

namespace bough::operations {

/// The names of the variables that a screen should not show: those of type SECRET in the spec
/// (which may be null), those that are called so, and all that hold such a value or a password of
/// the databases, as it is or encoded.
std::set<std::string> secret_names(const std::map<std::string, std::string>& variables,
                                   const AppSpec* spec,
                                   const std::map<std::string, Endpoint>& endpoints);

}  // namespace bough::operations
