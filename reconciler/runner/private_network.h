#pragma once

#include <optional>
#include <string>

#include "reconciler/runner/fd.h"
#include "reconciler/runner/launch.h"

namespace bough::runner {

/// Moves this process, which must have one thread, into a network of its own that has a loopback
/// device only, opens the passages there and sends their listening sockets through `relay`, in
/// order. Afterwards no program that it executes can change that network. Returns why it did not
/// work.
std::optional<std::string> enter(const PrivateNetwork& network, const Fd& relay);

}  // namespace bough::runner
