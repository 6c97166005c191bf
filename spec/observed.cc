#include "spec/observed.h"

namespace bough {

std::string_view word_of(RunState state) {
  switch (state) {
    case RunState::queued:
      return "queued";
    case RunState::running:
      return "running";
    case RunState::succeeded:
      return "succeeded";
    case RunState::failed:
      return "failed";
    case RunState::timed_out:
      return "timed-out";
    case RunState::cancelled:
      return "cancelled";
    case RunState::unknown:
      return "unknown";
  }
  return "unknown";
}

Limits as_shown(Limits limits, Writes writes, int version) {
  constexpr int kFirstWithIdleTimeout = 14;
  limits.size_bytes.reset();
  if (writes == Writes::none) limits.connections = 0;
  if (version < kFirstWithIdleTimeout) limits.idle_timeout.reset();
  return limits;
}

}  // namespace bough
