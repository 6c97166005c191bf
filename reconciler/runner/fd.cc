#include "reconciler/runner/fd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace bough::runner {

Fd& Fd::operator=(Fd&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

void Fd::close() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

Fd high(Fd fd) {
  if (!fd || fd.number() >= 10) return fd;
  return Fd(fcntl(fd.number(), F_DUPFD_CLOEXEC, 10));
}

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  Pipe made{high(Fd(ends[0])), high(Fd(ends[1]))};
  if (made.read) fcntl(made.read.number(), F_SETFL, O_NONBLOCK);
  return made;
}

Fd memory_file(std::string_view text) {
  Fd file = high(Fd(memfd_create("bough", MFD_CLOEXEC)));
  while (file && !text.empty()) {
    const ssize_t written = ::write(file.number(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return {};
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file) lseek(file.number(), 0, SEEK_SET);
  return file;
}

std::string all_of(const Fd& file) {
  std::string text;
  char part[4096];
  while (true) {
    const ssize_t got = pread(file.number(), part, sizeof part, static_cast<off_t>(text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(part, static_cast<std::size_t>(got));
  }
}

}  // namespace bough::runner
