#include "reconciler/server/testing.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace bough::server::testing {
namespace {

class Whole : public Exchange {
 public:
  Whole(const Head& head, const TestSite::Act& act, std::uint64_t limit)
      : head_(head), act_(act), limit_(limit) {}
  std::uint64_t body_limit() const override { return limit_; }
  void take(std::string_view bytes) override { body_ += bytes; }
  void finish(std::shared_ptr<Outlet> outlet) override { act_(head_, body_, std::move(outlet)); }

 private:
  Head head_;
  const TestSite::Act& act_;
  std::uint64_t limit_;
  std::string body_;
};

}  // namespace

Client::Client(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  // A server that hangs is a failure, not a test without end.
  const timeval patience{60, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}
Client::~Client() {
  close(socket_);
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Client::read_more() {
  char buffer[16384];
  const ssize_t got = recv(socket_, buffer, sizeof buffer, 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) ADD_FAILURE() << "the server hangs";
  if (got <= 0) return false;
  got_.append(buffer, static_cast<std::size_t>(got));
  return true;
}

std::string Client::until(std::string_view text) {
  for (std::size_t at = 0; (at = got_.find(text)) == std::string::npos;)
    if (!read_more()) return std::exchange(got_, {});
  const std::size_t end = got_.find(text) + text.size();
  const std::string read = got_.substr(0, end);
  got_.erase(0, end);
  return read;
}

std::string Client::answer() {
  std::string head = until("\r\n\r\n");
  const std::size_t at = head.find("Content-Length: ");
  if (at == std::string::npos) return head;
  const std::size_t length = std::strtoul(head.c_str() + at + 16, nullptr, 10);
  while (got_.size() < length && read_more()) continue;
  head += got_.substr(0, length);
  got_.erase(0, length);
  return head;
}

std::string Client::rest() {
  while (read_more()) continue;
  return std::exchange(got_, {});
}

std::string ask(int port, std::string_view request) {
  Client client(port);
  client.send(request);
  return client.answer();
}

int status_of(std::string_view answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::atoi(std::string(answer.substr(9, 3)).c_str()) : 0;
}

std::string body_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? "" : std::string(answer.substr(end + 4));
}

Site::Beginning TestSite::begin(const Head& head) {
  if (head.path == "/none") return refusal(404, "there is nothing here");
  return std::make_unique<Whole>(head, act_, limit_);
}

}  // namespace bough::server::testing
