#pragma once

#include "reconciler/runner/fd.h"
#include "reconciler/runner/launch.h"

namespace bough::runner {

/// The connections that are open through one relay at most; more wait.
inline constexpr std::size_t most_connections = 128;

/// Receives the listening sockets of the passages from `sender` and carries the bytes of whoever
/// connects to one to the passage's server and back. Ends when the sender closed without sending,
/// else never: whoever started it kills it.
void run_relay(const PrivateNetwork& network, const Fd& sender);

}  // namespace bough::runner
