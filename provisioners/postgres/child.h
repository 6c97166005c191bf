#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "spec/result.h"
#include "spec/run_user.h"

namespace bough::postgres {

/// A server program to run. It gets a small environment of its own, nothing of ours, and as root we
/// step down to `user` before it starts.
struct Child {
  std::vector<std::string> words;  ///< the program's path and its arguments
  std::string folder = "/";        ///< where it runs
  std::string input;               ///< its standard input
  std::optional<RunUser> user;
  std::vector<std::string> environment{};  ///< more of it, `NAME=value`
  int input_fd = -1;                       ///< its standard input instead, an open file
  int output_fd = -1;                      ///< where its standard output goes instead
  std::string list{};                      ///< what it finds in /dev/fd/3, if anything
  std::function<bool()> stopping{};        ///< true kills it
};

/// How it ended: `output` has standard output, unless that goes elsewhere, and error.
struct Ended {
  int status = 0;  ///< 128 + signal when a signal ended it
  std::string output;
};

/// Runs it to its end; Fault::unavailable when it was stopped. It is killed when this thread or
/// process ends before it.
Result<Ended> run(const Child& child);

/// Starts it in a session of its own, with its output going to the open file `log`; it is not our
/// child, so it outlives us and is reaped by others. The process id.
Result<int> start(const Child& child, int log);

/// Whether the process is there and not merely waiting to be reaped.
bool alive(int pid);

}  // namespace bough::postgres
