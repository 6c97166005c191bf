#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>

#include "reconciler/cli/common.h"

namespace bough::cli {

/// Shows the lines of an operation that carries something out: JSON lines as they are, or a line
/// for each step's end and for each line of a command's output.
Emit progress_for(const Globals& globals);

/// Carries out such an operation and shows its summary last: as JSON, or with `show`. The exit
/// status.
int carry_out(const Globals& globals, Client& client, std::string_view operation,
              const Arguments& arguments, const Show& show);

}  // namespace bough::cli
