#include "reconciler/runner/private_network.h"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "reconciler/runner/address.h"

namespace bough::runner {
namespace {

using Trouble = std::optional<std::string>;

// As linux/ipv6.h has it, which cannot be included beside netinet/in.h.
struct InterfaceAddress {
  in6_addr address;
  std::uint32_t prefix;
  int interface;
};

Trouble failed(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

bool write_file(const char* path, const std::string& text) {
  const Fd file(open(path, O_WRONLY | O_CLOEXEC));
  return file &&
         write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Only in a user namespace of ours may we make a network; its ids are those outside.
Trouble unshare_network() {
  const auto user = std::to_string(geteuid());
  const auto group = std::to_string(getegid());
  // After a change of user, /proc/self would belong to root.
  prctl(PR_SET_DUMPABLE, 1);
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return failed("making a private network");
  if (!write_file("/proc/self/setgroups", "deny") ||
      !write_file("/proc/self/uid_map", user + " " + user + " 1") ||
      !write_file("/proc/self/gid_map", group + " " + group + " 1")) {
    return failed("making a private network: mapping the user");
  }
  return std::nullopt;
}

ifreq loopback(const char* name) {
  ifreq request{};
  std::string_view(name).copy(request.ifr_name, sizeof request.ifr_name - 1);
  return request;
}

Trouble bring_up(const char* name) {
  const Fd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto request = loopback(name);
  request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
  if (any && ioctl(any.number(), SIOCSIFFLAGS, &request) == 0) return std::nullopt;
  return failed("starting the private network");
}

Trouble add_four(const Address& address, std::size_t number) {
  const auto& wanted = reinterpret_cast<const sockaddr_in&>(address.bytes);
  if (ntohl(wanted.sin_addr.s_addr) >> 24 == 127) return std::nullopt;
  const Fd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto label = "lo:" + std::to_string(number);
  auto request = loopback(label.c_str());
  std::memcpy(&request.ifr_addr, &wanted, sizeof wanted);
  reinterpret_cast<sockaddr_in&>(request.ifr_addr).sin_port = 0;
  if (!any || ioctl(any.number(), SIOCSIFADDR, &request) != 0) {
    return failed("giving the private network an address");
  }
  auto& mask = reinterpret_cast<sockaddr_in&>(request.ifr_netmask);
  mask.sin_family = AF_INET;
  mask.sin_addr.s_addr = ~in_addr_t{0};
  if (ioctl(any.number(), SIOCSIFNETMASK, &request) == 0) return std::nullopt;
  return failed("giving the private network an address");
}

Trouble add_six(const Address& address) {
  const auto& wanted = reinterpret_cast<const sockaddr_in6&>(address.bytes);
  if (IN6_IS_ADDR_LOOPBACK(&wanted.sin6_addr)) return std::nullopt;
  const Fd any(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto request = loopback("lo");
  if (!any || ioctl(any.number(), SIOCGIFINDEX, &request) != 0) {
    return failed("finding the private network's device");
  }
  InterfaceAddress given{wanted.sin6_addr, 128, request.ifr_ifindex};
  if (ioctl(any.number(), SIOCSIFADDR, &given) == 0 || errno == EEXIST) return std::nullopt;
  return failed("giving the private network an address");
}

struct Listening {
  Fd socket;
  Trouble trouble;
};

Listening listen_at(const Passage& passage, std::size_t number) {
  constexpr int waiting = 128;
  const auto address = address_of(passage.listen, passage.port);
  if (!address) return {Fd(), "no such address: " + passage.listen};
  auto added = address->family() == AF_INET ? add_four(*address, number) : add_six(*address);
  if (added) return {Fd(), added};
  Fd server = high(Fd(socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)));
  const int on = 1;
  if (address->family() == AF_INET6) {
    setsockopt(server.number(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    // The address is there only when the kernel has had a moment to check it.
    setsockopt(server.number(), IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
  }
  if (server && bind(server.number(), address->get(), address->size) == 0 &&
      listen(server.number(), waiting) == 0) {
    return {std::move(server), std::nullopt};
  }
  return {Fd(), failed("listening at " + passage.listen)};
}

}  // namespace

std::optional<std::string> enter(const PrivateNetwork& network, const Fd& relay) {
  if (auto trouble = unshare_network()) return trouble;
  if (auto trouble = bring_up("lo")) return trouble;
  std::vector<Fd> sockets;
  for (const auto& passage : network.passages) {
    auto listening = listen_at(passage, sockets.size());
    if (listening.trouble) return listening.trouble;
    sockets.push_back(std::move(listening.socket));
  }
  if (sockets.empty() || send_descriptors(relay, sockets)) return std::nullopt;
  return failed("handing over the private network");
}

}  // namespace bough::runner
