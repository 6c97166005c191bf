#pragma once

#include <sys/types.h>

#include <vector>

namespace bough::runner {

/// The living children of a process, theirs, and so on; zombies are left out.
std::vector<pid_t> descendants(pid_t process);

/// Kills them all, also those that are being born meanwhile. The process must be a subreaper, or
/// those whose parents have gone are not found.
void kill_descendants(pid_t process);

}  // namespace bough::runner
