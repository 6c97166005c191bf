#pragma once

#include <string>

#include "git/protocol.h"

namespace bough {

/// What TLS connections of the coming request must obey.
struct TlsRules {
  std::string ca_cert_file;  ///< the only trusted authorities; empty: the system's
  Deadline deadline;
};

/// Makes libgit2 use OpenSSL for https: TLS 1.2 and 1.3, names and addresses of certificates
/// checked, nothing waits beyond the deadline. Once per process, before the first connection.
Result<void> use_own_tls();

/// Sets the rules for the connections made from now on. One request at a time.
void set_tls_rules(TlsRules rules);

}  // namespace bough
