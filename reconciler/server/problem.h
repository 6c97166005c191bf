#pragma once

#include "reconciler/server/http.h"
#include "spec/result.h"

namespace bough::server {

/// The status of an answer that tells of this fault.
int status_of(Fault fault);

/// What is wrong, as RFC 9457 has it, in one line.
std::string problem_text(int status, const Error& error);

/// An answer that tells of it.
Response problem(int status, const Error& error);
Response problem(const Error& error);

}  // namespace bough::server
