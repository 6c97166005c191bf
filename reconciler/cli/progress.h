#pragma once

#include <memory>

#include "reconciler/apply.h"

namespace bough::cli {

/// Shows an apply as it goes: JSON lines, or a line for each step's end and for each line of a
/// command's output.
std::unique_ptr<Progress> json_progress();
std::unique_ptr<Progress> text_progress();

}  // namespace bough::cli
