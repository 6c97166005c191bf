#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "spec/config.h"
#include "spec/document.h"
#include "spec/findings.h"

// How the parts of bough.yaml are read; for config*.cc only.
namespace bough {

std::optional<std::string> text_if_given(const Node& node, std::string_view key);

/// The duration of a key, at least `least`; the fallback when it is absent or wrong.
struct DurationRule {
  std::chrono::milliseconds fallback;
  std::chrono::milliseconds least;
};
std::chrono::milliseconds read_duration(const Node& node, std::string_view key,
                                        const DurationRule& rule, Findings& findings);

/// What commands of a repository may do, and for how long.
void read_command_rules(const Node& repository, RepositoryConfig& config, Findings& findings);

/// What databases of a repository begin with, may do, and come to.
void read_database_rules(const Node& repository, RepositoryConfig& config, Findings& findings);

LogConfig read_logs(const Node& root, Findings& findings);
DumpConfig read_dumps(const Node& root, Findings& findings);

}  // namespace bough
