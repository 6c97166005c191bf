#include "reconciler/runner/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bough::runner {
namespace {

std::string end_line(std::size_t limit) {
  return "[bough: more output was not kept; the limit is " + std::to_string(limit) + " bytes]\n";
}

}  // namespace

Log::Log(Fd file, std::size_t room, std::string end)
    : file_(std::move(file)), room_(room), end_(std::move(end)), full_(!file_) {}

Result<Log> Log::open(const std::string& path, std::size_t limit) {
  if (path.empty()) return Log(Fd(), 0, "");
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  struct stat found {};
  if (!file || fstat(file.number(), &found) != 0) {
    return Error{Fault::broken, "opening the log " + path + ": " + std::strerror(errno)};
  }
  auto end = end_line(limit);
  const auto used = static_cast<std::size_t>(found.st_size) + end.size();
  Log log(std::move(file), limit > used ? limit - used : 0, std::move(end));
  log.full_ = static_cast<std::size_t>(found.st_size) >= limit;
  return log;
}

void Log::add(std::string_view line) {
  if (full_) return;
  if (line.size() >= room_) {
    waiting_ += end_;
    full_ = true;
    return;
  }
  room_ -= line.size() + 1;
  waiting_.append(line).append("\n");
}

void Log::flush() {
  std::string_view rest = waiting_;
  while (file_ && !failure_ && !rest.empty()) {
    const auto written = ::write(file_.number(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) failure_ = std::strerror(errno);
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
  waiting_.clear();
}

}  // namespace bough::runner
