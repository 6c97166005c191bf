#pragma once

#include <string>
#include <vector>

namespace bough::runner {

/// The word that makes the launcher run as the first program inside a sandbox.
inline constexpr const char* inside_word = "--inside";

/// The arguments that follow the program's name.
std::vector<std::string> inside_arguments(int most_threads, const std::string& command);

/// Sets the limits that count per user namespace, gives up system calls, and becomes the shell that
/// runs the command; returns an exit code only when that did not work.
int run_inside(int count, char** arguments);

}  // namespace bough::runner
