#pragma once

#include <string>

#include "provisioners/postgres/login.h"

namespace bough::postgres {

/// What is wrong with the certificate that a server shows, in OpenSSL's words, such as `certificate
/// has expired`; empty when nothing is, or it does not show one. Asks the server, for a few seconds
/// at most: libpq tells no more than that something is wrong.
std::string certificate_trouble(const Reach& server);

}  // namespace bough::postgres
