#pragma once

#include <string>
#include <vector>

#include "spec/command_config.h"
#include "spec/time.h"

namespace bough {

/// The log's name begins with the time, so that logs sort by age.
std::string log_prefix(Instant at);

/// Those of these names of logs that are to go: older than they are kept, and beyond the most.
std::vector<std::string> stale_logs(std::vector<std::string> names, const LogConfig& rule,
                                    Instant now);

/// Removes them from the folder; what cannot be removed is tried again by the next call.
void prune_logs(const std::string& folder, const LogConfig& rule, Instant now);

}  // namespace bough
