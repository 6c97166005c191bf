#include "reconciler/runner/testing.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <sstream>

namespace bough::runner {
namespace {

namespace fs = std::filesystem;

bool has(const fs::path& file, const std::string& text) {
  return text_of(file.string()).find(text) != std::string::npos;
}

template <typename Matches>
std::vector<int> processes_where(const Matches& matches) {
  std::vector<int> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const auto process = std::atoi(entry.path().filename().c_str());
    if (process > 0 && process != getpid() && matches(entry.path())) found.push_back(process);
  }
  return found;
}

}  // namespace

TemporaryFolder::TemporaryFolder() : path_((fs::temp_directory_path() / "runner-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) std::abort();
  chmod(path_.c_str(), 0711);
  fs::create_directory(checkout());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Ran run(const ProcessRequest& request, const LineSink& also, const Cancelled& cancelled) {
  Ran ran;
  auto outcome = run_process(
      request,
      [&](std::string_view line) {
        ran.lines.emplace_back(line);
        if (also) also(line);
      },
      cancelled);
  if (outcome) ran.outcome = *outcome;
  if (!outcome) ran.error = outcome.error().message;
  return ran;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

std::vector<int> processes_with(const std::string& text) {
  return processes_where([&](const fs::path& process) {
    return has(process / "environ", text) || has(process / "cmdline", text);
  });
}

std::vector<int> processes_showing(const std::string& text) {
  return processes_where([&](const fs::path& process) { return has(process / "cmdline", text); });
}

std::string unique_text() {
  static std::atomic<int> count = 0;
  return "unique-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  return text.str();
}

void wait_for_writers(int fifo) {
  pollfd waiting{fifo, POLLIN, 0};
  char part[64];
  while (poll(&waiting, 1, 60000) > 0 && read(fifo, part, sizeof part) > 0) {
  }
  EXPECT_EQ(read(fifo, part, sizeof part), 0) << "somebody still writes";
}

}  // namespace bough::runner
