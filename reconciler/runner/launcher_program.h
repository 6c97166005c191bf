#pragma once

#include <string_view>

#include "reconciler/runner/fd.h"

namespace bough::runner {

/// The launcher: the program that was built from launcher.cc and travels inside this one.
std::string_view launcher_image();

/// The launcher as a file in memory, to be executed through its descriptor; the same one for the
/// life of this process. Empty when the system has no such files.
const Fd& launcher_program();

}  // namespace bough::runner
