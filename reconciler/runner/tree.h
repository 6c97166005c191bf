#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reconciler/runner/fd.h"
#include "reconciler/runner/launch.h"
#include "spec/result.h"

namespace bough::runner {

using Bytes = std::function<void(std::string_view bytes)>;

/// A process tree under a launcher of ours. Gone with all its processes when this is destroyed,
/// when the thread that started it ends, and when this process ends.
class Tree {
 public:
  static Result<std::unique_ptr<Tree>> start(Launch launch);
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree();

  /// Waits at most `patience` for output and hands it on. False once the whole tree has gone and
  /// what it wrote was handed on.
  bool pump(std::chrono::milliseconds patience, const Bytes& bytes);

  /// Tells the launcher to kill the tree; returns at once.
  void stop();
  /// Kills the tree and the launcher from here, for a launcher that does not obey.
  void force();

  /// How it ended, once pump() gave false; nothing when the launcher itself was killed.
  std::optional<Ending> ending() const { return ending_of(report_text_); }

 private:
  Tree(pid_t launcher, Fd output, Fd report);
  bool read_output(const Bytes& bytes);
  bool read_report();

  pid_t launcher_;
  Fd output_;
  Fd report_;
  std::string report_text_;
};

}  // namespace bough::runner
