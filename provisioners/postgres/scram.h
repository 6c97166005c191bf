#pragma once

#include <string>
#include <string_view>

#include "spec/secret.h"

namespace bough::postgres {

/// What PostgreSQL stores for a password (RFC 5802, RFC 7677): `SCRAM-SHA-256$4096:SALT$KEYS`. Sent
/// in place of the password, so that the server never sees the password. The password is ASCII.
/// Every call has a new random salt.
std::string scram_verifier(const Secret& password);

/// The same with the given salt.
std::string scram_verifier(const Secret& password, std::string_view salt);

}  // namespace bough::postgres
