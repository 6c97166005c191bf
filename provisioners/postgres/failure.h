#pragma once

#include <string>
#include <string_view>

#include "spec/result.h"

namespace bough::postgres {

/// What a caller can do about a statement that the server refused with this SQLSTATE.
Fault fault_of(std::string_view sqlstate);

/// Whether a session is lost with this SQLSTATE.
bool ends_session(std::string_view sqlstate);

/// The primary message and detail out of libpq's text of an error: never the lines that quote the
/// statement, which may hold a password's verifier.
std::string message_of(std::string_view text);

/// Whether such a failure is the server's word that the password is not the login's.
bool is_wrong_password(const Error& failure);

/// Which of name, port, time, TLS, login or database is wrong, from libpq's text of a connection
/// that failed. `where` is the server for people.
Error connect_failure(std::string_view text, std::string_view where);

}  // namespace bough::postgres
