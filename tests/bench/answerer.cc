#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "tests/bench/storm.h"

namespace bough::bench {
namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n{}\n";

int listener(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::exit(1);
  listen(fd, 1024);
  return fd;
}

/// What is left of the text after the words, or nothing.
std::string_view after(std::string_view text, std::string_view words) {
  const std::size_t at = text.find(words);
  return at == std::string_view::npos ? "" : text.substr(at + words.size());
}

bool proven(std::string_view head, std::string_view body, const std::string& secret) {
  std::array<unsigned char, 32> sum{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), sum.data(), &size);
  std::string hex;
  for (const unsigned char byte : sum)
    for (const int digit : {byte >> 4, byte & 15}) hex += "0123456789abcdef"[digit];
  const std::string_view sent = after(head, "sha256=").substr(0, hex.size());
  return sent.size() == hex.size() && CRYPTO_memcmp(sent.data(), hex.data(), hex.size()) == 0;
}

/// Answers what is complete; false for a connection to be closed.
bool answer(int fd, std::string& bytes, const std::string& secret) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return true;
  const std::string_view head = std::string_view(bytes).substr(0, end);
  const std::size_t length = std::strtoul(after(head, "Content-Length: ").data(), nullptr, 10);
  if (bytes.size() < end + 4 + length) return true;
  if (!proven(head, std::string_view(bytes).substr(end + 4, length), secret)) return false;
  bytes.clear();
  return write(fd, kAnswer.data(), kAnswer.size()) == static_cast<ssize_t>(kAnswer.size());
}

bool receive(int fd, std::string& bytes, const std::string& secret) {
  std::array<char, 16384> part{};
  const ssize_t got = read(fd, part.data(), part.size());
  if (got <= 0) return false;
  bytes.append(part.data(), static_cast<std::size_t>(got));
  return answer(fd, bytes, secret);
}

}  // namespace

void answer_all(int port, const std::string& secret) {
  const int door = listener(port), epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{EPOLLIN, {.fd = door}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, door, &event);
  std::map<int, std::string> clients;
  for (;;) {
    std::array<epoll_event, 64> events{};
    const int ready = epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < ready; ++i) {
      int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == door) {
        fd = accept4(door, nullptr, nullptr, SOCK_CLOEXEC);
        const int yes = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        event.data.fd = fd;
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
      } else if (!receive(fd, clients[fd], secret)) {
        clients.erase(fd);
        close(fd);
      }
    }
  }
}

}  // namespace bough::bench
