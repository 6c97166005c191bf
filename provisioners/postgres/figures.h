#pragma once

#include <optional>
#include <string>
#include <vector>

#include "provisioners/postgres/session.h"
#include "spec/dump.h"

namespace bough::postgres {

/// Every table and sequence of the session's database that a dump holds, in figures, by name.
/// Calls nothing that is defined in the database.
Result<std::vector<TableSum>> figures_of(Session& session);

/// The first way in which the contents are not as expected, for people; nothing when they are.
std::optional<std::string> difference(const DumpContents& expected, const DumpContents& found);

}  // namespace bough::postgres
