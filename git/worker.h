#pragma once

#include <string>

#include "git/protocol.h"

namespace bough {

/// Carries the request out in a worker process of its own, killed when `request.limit` has passed.
/// Workers are kept for later requests, for a minute and a half; they die with this process. Thread-safe. A failure to start
/// one, its death or the deadline is a FetchFailure like any other.
FetchReply fetch_in_worker(const FetchRequest& request);

/// The program whose `__git` command is the worker; by default this one (/proc/self/exe), or the
/// environment variable BOUGH_WORKER. Affects workers started later.
void set_worker_program(std::string path);

}  // namespace bough
