#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reconciler/installation.h"
#include "spec/dump.h"
#include "spec/plan.h"

namespace bough {

/// Where dumps lie, with a manifest beside each: it is what proves a dump to be whole.
std::string dumps_folder(const Installation& installation);
/// The file of a dump.
std::string dump_file(const Installation& installation, const std::string& id);

/// The dumps there are, of any repository, newest first.
std::vector<Dump> dumps_there(const Installation& installation);

/// Dumps a database whose login is withdrawn and proves the dump; afterwards both are on disk.
/// Nothing is done when a dump of just that mark is there already. A failure is noted in the
/// journal.
Result<void> make_dump(Installation& installation, const DumpDatabase& dump,
                       const std::function<bool()>& stopping);

/// Fills a scratch database from a dump that is there.
Result<void> fill_from_dump(Installation& installation, const FillDatabase& fill,
                            const std::function<bool()>& stopping);

/// Removes the dumps that are older than `dumps: keep`, and what killed attempts left a day ago.
void prune_dumps(const Installation& installation, Instant now);

}  // namespace bough
