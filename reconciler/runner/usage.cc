#include "reconciler/runner/usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "reconciler/runner/descendants.h"
#include "reconciler/runner/fd.h"
#include "spec/handle.h"

namespace bough::runner {
namespace {

using Folder = Handle<DIR, closedir>;

constexpr int deepest = 200;
constexpr double between_looks = 0.2;

std::string bytes_in_words(long long bytes) {
  if (bytes % (1LL << 30) == 0) return std::to_string(bytes >> 30) + " GiB";
  return std::to_string(bytes >> 20) + " MiB";
}

std::string file_of(pid_t process, const char* name) {
  const auto path = "/proc/" + std::to_string(process) + "/" + name;
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file ? all_of(file) : std::string();
}

// All pages that it sees, shared ones too.
long long resident(pid_t process) {
  long long total = 0;
  long long pages = 0;
  if (std::sscanf(file_of(process, "statm").c_str(), "%lld %lld", &total, &pages) != 2) return 0;
  return pages * sysconf(_SC_PAGESIZE);
}

// Its share of what it sees; as much as it sees when that cannot be read.
long long proportional(pid_t process) {
  const auto text = file_of(process, "smaps_rollup");
  const auto* line = std::strstr(text.c_str(), "\nPss:");
  return line == nullptr ? resident(process) : std::strtoll(line + 5, nullptr, 10) << 10;
}

void add_entries(int parent, const char* name, const Bounds& bounds, Usage& usage, int depth) {
  if (depth == 0) usage.too_deep = true;
  if (excess(usage, bounds)) return;
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const Folder folder(fdopendir(openat(parent, name, flags)));
  if (!folder) return;
  const int self = dirfd(folder.get());
  while (const auto* entry = readdir(folder.get())) {
    if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
    struct stat found {};
    if (fstatat(self, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0) continue;
    ++usage.files;
    usage.disk += found.st_blocks * 512 / static_cast<long long>(found.st_nlink);
    if (S_ISDIR(found.st_mode)) add_entries(self, entry->d_name, bounds, usage, depth - 1);
    if (excess(usage, bounds)) return;
  }
}

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

std::optional<std::string> excess(const Usage& usage, const Bounds& bounds) {
  if (bounds.memory > 0 && usage.memory > bounds.memory) {
    return bytes_in_words(bounds.memory) + " of memory";
  }
  if (bounds.processes > 0 && usage.processes > bounds.processes) {
    return std::to_string(bounds.processes) + " processes";
  }
  if (bounds.files > 0 && usage.files > bounds.files) {
    return std::to_string(bounds.files) + " files in its checkout";
  }
  if (bounds.disk > 0 && usage.disk > bounds.disk) {
    return bytes_in_words(bounds.disk) + " of disk";
  }
  if (usage.too_deep) return std::to_string(deepest) + " levels of folders";
  return std::nullopt;
}

long long memory_of(const std::vector<pid_t>& processes, long long enough) {
  long long seen = 0;
  for (const auto process : processes) seen += resident(process);
  if (seen <= enough) return seen;
  seen = 0;
  for (const auto process : processes) seen += proportional(process);
  return seen;
}

void add_files(const std::string& folder, const Bounds& bounds, Usage& usage) {
  add_entries(AT_FDCWD, folder.c_str(), bounds, usage, deepest);
}

UsageWatch::UsageWatch(const Bounds& bounds)
    : bounds_(bounds), due_(seconds_now() + between_looks) {}

std::optional<std::string> UsageWatch::excess_now() {
  if (seconds_now() < due_) return std::nullopt;
  const auto limit = look();
  due_ = seconds_now() + between_looks;
  return limit;
}

std::optional<std::string> UsageWatch::look() {
  // Of the time at most a tenth, whatever the number of files.
  constexpr double rest = 9;
  constexpr double least_rest = 0.5;
  Usage usage;
  const auto processes = descendants(getpid());
  usage.processes = static_cast<long long>(processes.size());
  usage.memory = memory_of(processes, bounds_.memory);
  const auto started = seconds_now();
  if (bounds_.folder.empty() || started < files_due_) return excess(usage, bounds_);
  add_files(bounds_.folder, bounds_, usage);
  const auto ended = seconds_now();
  files_due_ = ended + std::max(least_rest, (ended - started) * rest);
  return excess(usage, bounds_);
}

}  // namespace bough::runner
