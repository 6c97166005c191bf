#pragma once

#include <string>

#include "spec/config.h"

namespace bough {

/// The configuration as a `bough.yaml` that read_config() reads to the same values; what is as by
/// default is left out.
std::string to_yaml(const Config& config);

}  // namespace bough
