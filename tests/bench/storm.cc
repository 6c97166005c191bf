#include "tests/bench/storm.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace bough::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr std::string_view kMark = "@id@";
constexpr std::chrono::seconds kPatience(30);  // for the last answers

int connected(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("storm: connect");
    std::exit(1);
  }
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

/// The length of the whole answer, or 0 while its head is not complete.
std::size_t length_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  const std::size_t at = answer.find("Content-Length: ");
  if (at == std::string::npos || at > end) return end + 4;
  return end + 4 + std::strtoul(answer.c_str() + at + 16, nullptr, 10);
}

struct Wire {
  int fd = -1;
  bool busy = false;
  Clock::time_point due;
  std::string answer;
};

/// One storm under way.
class Storm {
 public:
  explicit Storm(const StormPlan& plan)
      : plan_(plan),
        total_(
            static_cast<std::size_t>(plan.per_second * static_cast<double>(plan.length.count()))),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        wires_(plan.connections) {
    for (std::size_t i = 0; i < wires_.size(); ++i) open(i);
    count_.latencies.reserve(total_);
  }
  ~Storm() {
    for (const Wire& wire : wires_) close(wire.fd);
    close(epoll_);
  }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;

  StormCount run() {
    begun_ = Clock::now();
    const auto given_up = begun_ + plan_.length + kPatience;
    while (answered_ < total_ && Clock::now() < given_up) {
      send_due();
      wait();
    }
    count_.took = Clock::now() - begun_;
    return std::move(count_);
  }

 private:
  void open(std::size_t index) {
    wires_[index] = {connected(plan_.port), false, {}, ""};
    epoll_event event{EPOLLIN, {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, wires_[index].fd, &event);
    free_.push_back(index);
  }

  Clock::time_point due(std::size_t number) const {
    return begun_ + nanoseconds(static_cast<long long>(1e9 * static_cast<double>(number) /
                                                       plan_.per_second));
  }

  void send_due() {
    const auto now = Clock::now();
    while (count_.sent < total_ && !free_.empty() && due(count_.sent) <= now) {
      Wire& wire = wires_[free_.back()];
      free_.pop_back();
      wire.busy = true;
      wire.due = due(count_.sent);
      const std::string request = numbered(count_.sent++);
      // A request fits into the socket's buffer, since it holds no other.
      if (write(wire.fd, request.data(), request.size()) != static_cast<ssize_t>(request.size()))
        shutdown(wire.fd, SHUT_RDWR);
    }
  }

  std::string numbered(std::size_t number) const {
    std::string request = plan_.requests[number % plan_.requests.size()];
    const std::size_t at = request.find(kMark);
    if (at == std::string::npos) return request;
    for (std::size_t i = 0; i < kMark.size(); ++i, number /= 62)
      request[at + i] =
          "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % 62];
    return request;
  }

  void wait() {
    nanoseconds pause = std::chrono::milliseconds(100);
    if (count_.sent < total_ && !free_.empty())
      pause = std::max(nanoseconds(0), nanoseconds(due(count_.sent) - Clock::now()));
    const timespec left{pause.count() / 1'000'000'000, pause.count() % 1'000'000'000};
    std::array<epoll_event, 64> events{};
    const int ready = epoll_pwait2(epoll_, events.data(), events.size(), &left, nullptr);
    for (int i = 0; i < ready; ++i) receive(events[static_cast<std::size_t>(i)].data.u64);
  }

  void receive(std::size_t index) {
    Wire& wire = wires_[index];
    std::array<char, 4096> bytes{};
    const ssize_t got = read(wire.fd, bytes.data(), bytes.size());
    if (got <= 0) return reopen(index);
    wire.answer.append(bytes.data(), static_cast<std::size_t>(got));
    const std::size_t length = length_of(wire.answer);
    if (length == 0 || wire.answer.size() < length || !wire.busy) return;
    ++count_.statuses[std::atoi(wire.answer.c_str() + 9)];
    count_.latencies.push_back(std::chrono::duration_cast<microseconds>(Clock::now() - wire.due));
    ++answered_;
    wire.busy = false;
    wire.answer.clear();
    free_.push_back(index);
  }

  void reopen(std::size_t index) {
    if (wires_[index].busy) {
      ++count_.broken;
      ++answered_;
    }
    std::erase(free_, index);
    close(wires_[index].fd);
    open(index);
  }

  const StormPlan& plan_;
  const std::size_t total_;
  const int epoll_;
  std::vector<Wire> wires_;
  std::vector<std::size_t> free_;
  Clock::time_point begun_;
  std::size_t answered_ = 0;
  StormCount count_;
};

}  // namespace

StormCount storm(const StormPlan& plan) {
  return Storm(plan).run();
}

}  // namespace bough::bench
