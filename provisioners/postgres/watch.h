#pragma once

#include <chrono>

namespace bough::postgres {

/// While it lives, the socket `fd` is shut down once `limit` has passed, so that a blocked read on
/// it returns: a server may be silent for ever. It must be gone before the socket is closed.
class Watch {
 public:
  Watch(int fd, std::chrono::milliseconds limit);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  long long id_;
};

}  // namespace bough::postgres
