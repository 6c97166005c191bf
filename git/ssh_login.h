#pragma once

#include <string>
#include <string_view>

#include "spec/result.h"

namespace bough {

/// Fault::invalid when the text of a private key file cannot be used: RSA and DSA keys (servers
/// refuse the signatures that the SSH library makes with them), or no private key at all.
Result<void> usable_ssh_key(std::string_view text);

/// The same for a file; also when it cannot be read.
Result<void> usable_ssh_key_file(const std::string& path);

/// The lines of a known_hosts file with the key types first that servers offer today: the library
/// asks the server for the type of the host's first line. Comments, markers and the keys that a
/// `@revoked` line names are left out.
std::string ordered_known_hosts(std::string_view text);

/// Writes `home/.ssh/known_hosts` from the file (empty: ~/.ssh/known_hosts) and makes `home` this
/// process's HOME: the SSH library looks nowhere else. Fault::denied when the file cannot be read:
/// an unknown host is never trusted. REQUIRES that no other thread reads the environment.
Result<void> prepare_known_hosts(const std::string& file, const std::string& home);

}  // namespace bough
