#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "spec/app_spec.h"
#include "spec/document.h"
#include "spec/findings.h"

/// The parts of reading an App Spec whose shape was checked; what is wrong goes into the findings.
namespace bough::app_reading {

/// The name of an app or component, or nothing when it is missing or wrong.
template <typename Rule>
std::optional<Name<Rule>> read_name(const Node& node, Findings& findings);

std::optional<DatabaseSpec> read_database(const Node& node, Findings& findings);
std::vector<EnvEntry> read_envs(const Node& owner, Findings& findings);

/// Those of all lists, in the order of the file, without those that have no name.
std::vector<ComponentSpec> read_components(const Node& app, Findings& findings);

/// How many entries all lists have, named or not.
std::size_t count_components(const Node& app);

/// All lists share one set of names, since bindables know components by name only.
void check_unique(const Node& app, Findings& findings);

/// What the variables of the app refer to that is not there, or has no end, or is opaque to the
/// migrations that see it.
void check_references(const AppSpec& spec, Findings& findings);

}  // namespace bough::app_reading
