#pragma once

#include <map>
#include <string>
#include <vector>

namespace bough::bench {

/// Says what is wrong and ends the program: a measurement that went wrong measures nothing.
[[noreturn]] void give_up(const std::string& reason);

/// A program with its arguments, found in PATH.
struct Call {
  std::vector<std::string> arguments;
  std::string folder{};                            ///< where it runs; empty: here
  std::map<std::string, std::string> variables{};  ///< beside our own environment
  std::string input{};                             ///< a file; empty: nothing to read
};

/// Runs it to its end without its output, which lands in `last-output` of the current folder; gives
/// up when it fails.
void run(const Call& call);

/// How many programs this process has started, by whatever library.
long programs_started();

}  // namespace bough::bench
