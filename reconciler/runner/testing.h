#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "reconciler/runner/process.h"

namespace bough {

inline void PrintTo(RunState state, std::ostream* out) {
  static constexpr const char* words[] = {"running",   "succeeded", "failed",
                                          "timed_out", "cancelled", "unknown"};
  *out << words[static_cast<int>(state)];
}

namespace runner {

/// A folder with a checkout in it that commands can reach; gone with this.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }
  std::string checkout() const { return path_ + "/checkout"; }

 private:
  std::string path_;
};

/// For SetUp(): fails the test, with bubblewrap's reason, where there can be no sandbox.
inline void need(Sandbox sandbox) {
  if (sandbox != Sandbox::required) return;
  const auto works = sandbox_works();
  ASSERT_TRUE(works) << "this test needs bubblewrap: " << works.error().message;
}

/// What a command did.
struct Ran {
  ProcessOutcome outcome;
  std::vector<std::string> lines;
  std::string error;  ///< when it was not started
};

Ran run(const ProcessRequest& request, const LineSink& also = {}, const Cancelled& cancelled = {});

std::string joined(const std::vector<std::string>& lines);

/// The processes, zombies aside, with this text in their environment or arguments.
std::vector<int> processes_with(const std::string& text);
/// Those with this text in their arguments.
std::vector<int> processes_showing(const std::string& text);

/// A text that no other process has.
std::string unique_text();

std::string text_of(const std::string& path);

/// Waits until every process that has the FIFO open for writing is gone.
void wait_for_writers(int fifo);

}  // namespace runner
}  // namespace bough
