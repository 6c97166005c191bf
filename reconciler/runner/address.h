#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>

namespace bough::runner {

/// A numeric IP address with a port, as the system takes it.
struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  int family() const { return bytes.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

/// Nothing when the text is no such address.
std::optional<Address> address_of(const std::string& text, int port);

}  // namespace bough::runner
