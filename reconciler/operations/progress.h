#pragma once

#include <memory>
#include <string>

#include "reconciler/apply.h"
#include "reconciler/operations/operation.h"

namespace bough::operations {

/// Tells an apply as it goes: a document for each step's begin and end and for each line of a
/// command's output.
std::unique_ptr<Progress> progress_to(const Emit& emit);

/// Tells of something that did not stop the operation.
void warn(const Emit& emit, const std::string& message);

/// The last document of an apply.
Outcome summary_of(const Plan& plan, const Applied& applied);

}  // namespace bough::operations
