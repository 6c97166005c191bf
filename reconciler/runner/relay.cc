#include "reconciler/runner/relay.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <list>
#include <vector>

#include "reconciler/runner/address.h"

namespace bough::runner {
namespace {

bool would_wait() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

// Bytes on their way from one socket to another.
class Flow {
 public:
  bool wants_to_read() const { return !ended_ && first_ == last_; }
  bool wants_to_write() const { return first_ != last_; }
  bool done() const { return ended_ && first_ == last_; }

  // Both are false when the connection is broken.
  bool read(const Fd& from) {
    const auto got = ::read(from.number(), space_.data(), space_.size());
    if (got < 0) return would_wait();
    ended_ = got == 0;
    first_ = 0;
    last_ = static_cast<std::size_t>(got);
    return true;
  }
  bool write(const Fd& to) {
    const auto sent = send(to.number(), space_.data() + first_, last_ - first_, MSG_NOSIGNAL);
    if (sent < 0) return would_wait();
    first_ += static_cast<std::size_t>(sent);
    return true;
  }

 private:
  std::array<char, 65536> space_;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
  bool ended_ = false;
};

// One connection and its counterpart at the server.
class Channel {
 public:
  Channel(Fd client, const Passage& passage) : client_(std::move(client)), passage_(passage) {
    connect_to_next();
  }

  bool open() const { return open_; }

  void add_to(std::vector<pollfd>& waiting) const {
    if (!connected_) {
      waiting.push_back({-1, 0, 0});
      waiting.push_back({server_.number(), POLLOUT, 0});
      return;
    }
    waiting.push_back(interest(client_, out_, in_));
    waiting.push_back(interest(server_, in_, out_));
  }

  void go_on(const pollfd& client, const pollfd& server) {
    if (!connected_) {
      if (server.revents != 0) finish_connecting();
      return;
    }
    carry(out_, {client_, client.revents}, {server_, server.revents});
    carry(in_, {server_, server.revents}, {client_, client.revents});
    if (out_.done() && in_.done()) open_ = false;
  }

 private:
  struct End {
    const Fd& socket;
    short happened;
  };

  // A socket of no interest is left out, or its hanging up would be reported without end.
  static pollfd interest(const Fd& socket, const Flow& from_it, const Flow& to_it) {
    const int events =
        (from_it.wants_to_read() ? POLLIN : 0) | (to_it.wants_to_write() ? POLLOUT : 0);
    return {events == 0 ? -1 : socket.number(), static_cast<short>(events), 0};
  }

  void connect_to_next() {
    while (tried_ < passage_.servers.size()) {
      const auto address = address_of(passage_.servers[tried_++], passage_.port);
      if (!address) continue;
      server_ = Fd(socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      if (!server_) continue;
      if (connect(server_.number(), address->get(), address->size) == 0 || errno == EINPROGRESS) {
        return;
      }
    }
    open_ = false;
  }

  void finish_connecting() {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(server_.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    connected_ = error == 0;
    if (!connected_) connect_to_next();
  }

  void carry(Flow& flow, const End& from, const End& to) {
    const bool was_done = flow.done();
    constexpr short readable = POLLIN | POLLHUP | POLLERR;
    if (flow.wants_to_read() && (from.happened & readable) != 0) {
      open_ = open_ && flow.read(from.socket);
    }
    if (flow.wants_to_write()) open_ = open_ && flow.write(to.socket);
    if (flow.done() && !was_done) shutdown(to.socket.number(), SHUT_WR);
  }

  Fd client_;
  Fd server_;
  const Passage& passage_;
  std::size_t tried_ = 0;
  bool connected_ = false;
  bool open_ = true;
  Flow out_;
  Flow in_;
};

class Relay {
 public:
  Relay(const PrivateNetwork& network, std::vector<Fd> listening)
      : network_(network), listening_(std::move(listening)) {}

  void go_on() {
    std::vector<pollfd> waiting;
    const bool room = channels_.size() < most_connections;
    for (const auto& server : listening_)
      waiting.push_back({room ? server.number() : -1, POLLIN, 0});
    for (const auto& channel : channels_) channel.add_to(waiting);
    if (poll(waiting.data(), waiting.size(), -1) <= 0) return;
    auto at = listening_.size();
    for (auto& channel : channels_) {
      channel.go_on(waiting[at], waiting[at + 1]);
      at += 2;
    }
    channels_.remove_if([](const Channel& channel) { return !channel.open(); });
    for (std::size_t server = 0; server < listening_.size(); ++server) {
      if (waiting[server].revents != 0) take_in(server);
    }
  }

 private:
  void take_in(std::size_t server) {
    Fd client(accept4(listening_[server].number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) channels_.emplace_back(std::move(client), network_.passages[server]);
  }

  const PrivateNetwork& network_;
  std::vector<Fd> listening_;
  std::list<Channel> channels_;
};

}  // namespace

void run_relay(const PrivateNetwork& network, const Fd& sender) {
  auto listening = receive_descriptors(sender);
  if (listening.size() != network.passages.size() || listening.empty()) return;
  Relay relay(network, std::move(listening));
  while (true) relay.go_on();
}

}  // namespace bough::runner
