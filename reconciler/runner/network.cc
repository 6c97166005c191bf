#include "reconciler/runner/network.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "spec/handle.h"

namespace bough::runner {
namespace {

using Addresses = Handle<addrinfo, freeaddrinfo>;

constexpr std::size_t most_servers = 32;

bool is_address(const std::string& host) {
  unsigned char space[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), space) == 1 ||
         inet_pton(AF_INET6, host.c_str(), space) == 1;
}

std::string text_of(const addrinfo& found) {
  char text[NI_MAXHOST];
  if (getnameinfo(found.ai_addr, found.ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) !=
      0) {
    return {};
  }
  return text;
}

// The addresses behind a name, in the order to try them.
Result<std::vector<std::string>> looked_up(const std::string& host) {
  addrinfo wish{};
  wish.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int failed = getaddrinfo(host.c_str(), nullptr, &wish, &first);
  const Addresses owner(first);
  if (failed != 0) {
    return Error{Fault::unavailable,
                 "looking up the database server " + host + ": " + gai_strerror(failed)};
  }
  std::vector<std::string> found;
  for (const auto* each = first; each != nullptr; each = each->ai_next) {
    found.push_back(text_of(*each));
  }
  return found;
}

// Each name has an address of its own, so that two servers may have the same port.
std::string inside_address(std::size_t number) {
  return "127.66." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1);
}

Result<void> add_by_name(const ServerAddress& server, const std::string& inside, Route& route) {
  auto outside = looked_up(server.host);
  if (!outside) return outside.error();
  route.network.passages.push_back({inside, server.port, *std::move(outside)});
  return {};
}

bool is_name(const std::string& host) {
  return !host.empty() && host.size() < NI_MAXHOST &&
         std::all_of(host.begin(), host.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
         });
}

Result<void> add(const ServerAddress& server, std::size_t number, Route& route) {
  if (server.port < 1 || server.port > 65535) {
    return Error{Fault::invalid, "the database server " + server.host + " has no port"};
  }
  auto& passages = route.network.passages;
  if (server.host.rfind('/', 0) == 0) {
    route.sockets.push_back(server.host + "/.s.PGSQL." + std::to_string(server.port));
    return {};
  }
  if (is_address(server.host)) {
    passages.push_back({server.host, server.port, {server.host}});
    return {};
  }
  if (!is_name(server.host)) {
    return Error{Fault::invalid, "the database server has no usable name: " + server.host};
  }
  const auto inside = server.host == "localhost" ? "127.0.0.1" : inside_address(number);
  const auto line = inside + " " + server.host + "\n";
  if (route.hosts.find(line) == std::string::npos) route.hosts += line;
  return add_by_name(server, inside, route);
}

}  // namespace

Result<Route> route_to(const std::vector<ServerAddress>& servers) {
  Route route;
  route.hosts = "127.0.0.1 localhost\n";
  const std::set<ServerAddress> different(servers.begin(), servers.end());
  if (different.size() > most_servers) {
    return Error{Fault::invalid,
                 "a command reaches " + std::to_string(most_servers) + " database servers at most"};
  }
  std::map<std::string, std::size_t> numbers;
  for (const auto& server : different) {
    const auto number = numbers.try_emplace(server.host, numbers.size()).first->second;
    if (auto added = add(server, number, route); !added) return added.error();
  }
  return route;
}

}  // namespace bough::runner
