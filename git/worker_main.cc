#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "git/fetch.h"
#include "git/handles.h"
#include "git/mirror.h"
#include "git/tls_stream.h"

namespace bough {
namespace {

/// Longer than between two polls of one remote; afterwards the memory is worth more than the start.
constexpr std::chrono::seconds kIdle(90);

/// Ends this process as soon as its parent is gone, even while it waits for a silent server. The
/// parent-death signal would not do: it follows the thread that started us.
void die_with_parent() {
  pollfd parent{STDIN_FILENO, 0, 0};
  while (poll(&parent, 1, -1) <= 0) {
  }
  _exit(0);
}

}  // namespace

int git_worker_main() {
  signal(SIGPIPE, SIG_IGN);
  std::thread(die_with_parent).detach();
  prepare_libgit2();
  if (!use_own_tls()) return 1;
  Fetcher fetcher;
  std::string bytes;
  const auto wanted = [] {
    return wait_for(STDIN_FILENO, POLLIN, std::chrono::steady_clock::now() + kIdle) ==
           Transfer::done;
  };
  while (wanted() && receive_message(STDIN_FILENO, bytes, std::nullopt) == Transfer::done) {
    auto request = decode_request(bytes);
    if (!request) return 1;
    const std::string reply = encode(fetcher.fetch(*request));
    if (send_message(STDIN_FILENO, reply, std::nullopt) != Transfer::done) return 1;
  }
  return 0;
}

}  // namespace bough
