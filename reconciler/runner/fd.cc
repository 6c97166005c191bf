#include "reconciler/runner/fd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

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
  Fd file = high(Fd(memfd_create("bough", MFD_CLOEXEC | MFD_ALLOW_SEALING)));
  while (file && !text.empty()) {
    const ssize_t written = ::write(file.number(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return {};
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file) lseek(file.number(), 0, SEEK_SET);
  return file;
}

void seal(const Fd& file) {
  fcntl(file.number(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
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

namespace {

constexpr std::size_t most_sent = 64;

// One byte with room for descriptors beside it.
struct Message {
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) char space[CMSG_SPACE(most_sent * sizeof(int))] = {};
  msghdr header{};

  explicit Message(std::size_t room) {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = space;
    header.msg_controllen = room;
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
};

}  // namespace

Handover make_handover() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {};
  return {high(Fd(ends[0])), high(Fd(ends[1]))};
}

bool send_descriptors(const Fd& to, const std::vector<Fd>& sent) {
  if (sent.size() > most_sent) return false;
  const auto size = sent.size() * sizeof(int);
  Message message(CMSG_SPACE(size));
  auto* control = CMSG_FIRSTHDR(&message.header);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(size);
  for (std::size_t at = 0; at < sent.size(); ++at) {
    const int number = sent[at].number();
    std::memcpy(CMSG_DATA(control) + at * sizeof number, &number, sizeof number);
  }
  return sendmsg(to.number(), &message.header, MSG_NOSIGNAL) == 1;
}

std::vector<Fd> receive_descriptors(const Fd& from) {
  Message message(sizeof message.space);
  ssize_t got = 0;
  do {
    got = recvmsg(from.number(), &message.header, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  std::vector<Fd> received;
  const auto* control = got == 1 ? CMSG_FIRSTHDR(&message.header) : nullptr;
  if (control == nullptr || control->cmsg_type != SCM_RIGHTS) return received;
  const auto count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t at = 0; at < count; ++at) {
    int number = -1;
    std::memcpy(&number, CMSG_DATA(control) + at * sizeof number, sizeof number);
    received.emplace_back(number);
  }
  return received;
}

}  // namespace bough::runner
