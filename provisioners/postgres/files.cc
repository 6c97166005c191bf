#include "provisioners/postgres/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

namespace bough::postgres {
namespace {

constexpr std::size_t kSmall = 64 << 10;

Error failed(std::string_view what, const std::string& path) {
  return {Fault::broken, fmt::format("{} {}: {}", what, path, std::strerror(errno))};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string read_small(const std::string& path, long offset) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return "";
  std::string text(kSmall, '\0');
  const ssize_t got = pread(fd, text.data(), text.size(), offset);
  close(fd);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

long size_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_size : 0;
}

Result<void> write_file(const std::string& path, const std::string& text, unsigned mode) {
  const std::string fresh = path + ".new";
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return failed("writing", path);
  const bool written = write_all(fd, text) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
  const bool closed = close(fd) == 0;
  if (!written || !closed || rename(fresh.c_str(), path.c_str()) != 0)
    return failed("writing", path);
  return {};
}

Result<void> make_folder(const std::string& path, unsigned mode,
                         const std::optional<RunUser>& owner) {
  const uid_t uid = owner ? owner->uid : geteuid();
  const bool made = mkdir(path.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return failed("making folder", path);
  if (made && owner && lchown(path.c_str(), owner->uid, owner->gid) != 0)
    return failed("handing over folder", path);
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return failed("looking at folder", path);
  if (!S_ISDIR(status.st_mode) || status.st_uid != uid)
    return Error{Fault::refused, fmt::format("{} is there but is no folder of {}", path,
                                             owner ? owner->name : "ours")};
  if ((status.st_mode & 0777) != mode && chmod(path.c_str(), mode) != 0)
    return failed("setting the mode of folder", path);
  return {};
}

Result<Appending> Appending::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed("opening", path);
  return Appending(fd);
}

Appending::Appending(Appending&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
Appending::~Appending() {
  if (fd_ >= 0) close(fd_);
}

Result<FileLock> FileLock::take(const std::string& path, std::chrono::milliseconds patience) {
  auto file = Appending::open(path);
  if (!file) return file.error();
  const auto until = std::chrono::steady_clock::now() + patience;
  while (flock(file->fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return failed("locking", path);
    if (std::chrono::steady_clock::now() > until)
      return Error{Fault::locked, path + " is held by another bough; try again"};
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return FileLock(*std::move(file));
}

}  // namespace bough::postgres
