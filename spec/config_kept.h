#pragma once

#include <vector>

#include "spec/document.h"
#include "spec/findings.h"
#include "spec/setting.h"

namespace bough {

/// Puts the settings that are kept in the journal into the tree of `bough.yaml`, as if they stood
/// there. Reports those that do not fit: what the file sets itself cannot be set by command.
void add_kept(Node& root, const std::vector<Setting>& kept, Findings& findings);

}  // namespace bough
