#pragma once

#include <optional>
#include <string>

#include "reconciler/runner/launch.h"
#include "reconciler/runner/network.h"
#include "reconciler/runner/room.h"
#include "spec/result.h"

namespace bough::runner {

/// The path of a bubblewrap that works for that user (nothing: ourselves), tried for real until it
/// worked once; else Fault::unavailable with the reason.
Result<std::string> bubblewrap_for(const std::optional<RunUser>& user);

/// The command under that bubblewrap. It sees the system's programs, the checkout as /checkout (all
/// that it can write besides /tmp and /var/tmp), the socket folders and the servers at the ends of
/// the route (without one the machine's network); no other process, no home, no other checkout.
Launch sandboxed(const std::string& bubblewrap, const ProcessRequest& request, const Room& room,
                 const std::optional<Route>& route);

/// The command without a sandbox, with a home of its own.
Launch unsandboxed(const ProcessRequest& request, const Room& room, const std::string& home);

}  // namespace bough::runner
