#pragma once

#include <optional>
#include <string>

namespace bough::runner {

/// Takes from this process, and all that come of it, the system calls that no build needs and that
/// attacks on the kernel begin with: they fail with EPERM. It must have no new privileges. Returns
/// why it did not work.
std::optional<std::string> give_up_system_calls();

}  // namespace bough::runner
