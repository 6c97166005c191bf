#include "reconciler/runner/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstdint>

namespace bough::runner {
namespace {

// The zone of a link-local address, as in fe80::1%eth0.
std::uint32_t zone_of(const std::string& text) {
  const auto percent = text.find('%');
  return percent == std::string::npos ? 0 : if_nametoindex(text.c_str() + percent + 1);
}

}  // namespace

std::optional<Address> address_of(const std::string& text, int port) {
  Address address;
  if (port < 1 || port > 65535) return std::nullopt;
  auto& four = reinterpret_cast<sockaddr_in&>(address.bytes);
  if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(static_cast<std::uint16_t>(port));
    address.size = sizeof four;
    return address;
  }
  auto& six = reinterpret_cast<sockaddr_in6&>(address.bytes);
  if (inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), &six.sin6_addr) != 1) {
    return std::nullopt;
  }
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(static_cast<std::uint16_t>(port));
  six.sin6_scope_id = zone_of(text);
  address.size = sizeof six;
  return address;
}

}  // namespace bough::runner
