#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/runner/network.h"
#include "spec/command_config.h"
#include "spec/observed.h"
#include "spec/result.h"
#include "spec/run_user.h"

namespace bough {

/// A command to run for a branch.
struct ProcessRequest {
  std::string command;  ///< for `sh -c`
  std::string root;     ///< the checkout: the only writable folder besides a private /tmp
  std::string folder;   ///< working folder relative to root; may not leave it
  std::map<std::string, std::string> variables;  ///< the whole environment besides PATH, HOME, …
  std::vector<std::string> secrets;              ///< masked in the output
  std::vector<std::string> sockets;  ///< folders to show inside the sandbox, as of Unix sockets
  std::vector<std::string> hidden{};  ///< files and folders not to show, wherever they lie
  std::chrono::milliseconds deadline{std::chrono::minutes(30)};
  Sandbox sandbox = Sandbox::required;
  Network network;  ///< of a command in the sandbox; without one it is the machine's
  CommandLimits limits;
  std::optional<RunUser> user;       ///< whom to step down to when we are root
  std::string log_file;              ///< the lines are appended here; empty: nowhere
  std::size_t log_limit = 16 << 20;  ///< bytes of the log file and of what is given to the sink
};

/// How it ended.
struct ProcessOutcome {
  RunState state = RunState::failed;  ///< succeeded, failed, timed_out or cancelled
  int exit_code = 0;                  ///< 128 + signal when a signal ended it
  std::chrono::milliseconds took{0};
  bool sandboxed = false;
  std::string note;  ///< in words, such as `killed at the deadline of 30m`
};

/// Each line of output without its newline: masked, valid UTF-8, no control character but tab, at
/// most 64 KiB; on the calling thread. Of more than `log_limit` bytes the first ones as they come
/// and the last ones in the end.
using LineSink = std::function<void(std::string_view line)>;
/// Asked about ten times a second; true ends the command as cancelled.
using Cancelled = std::function<bool()>;

/// Runs the command to its end; the whole process tree is gone when it returns, and also when the
/// calling thread or this process dies. An Error means that it could not be started (no sandbox
/// though required, no such folder), not that it failed. When we are root, the command runs as
/// `user`, else as run_user() says, and the checkout is given to that user.
Result<ProcessOutcome> run_process(const ProcessRequest& request, const LineSink& line,
                                   const Cancelled& cancelled);

/// Whether bubblewrap works here for the user that commands run as; else why not. Tried for real;
/// a success is remembered.
Result<void> sandbox_works();

/// Gives the folder and all in it to the user, following no links; files with several names stay
/// whose they are. Does nothing unless we are root.
Result<void> give_to(const std::string& folder, const RunUser& user);

/// Whom to step down to when we are root: the configured user, else `bough`, else `postgres`, else
/// `nobody`. Nothing when we are not root; Fault::invalid when the configured user does not exist.
Result<std::optional<RunUser>> run_user(const std::optional<std::string>& configured);

}  // namespace bough
