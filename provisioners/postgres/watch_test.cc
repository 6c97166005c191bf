#include "provisioners/postgres/watch.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace bough::postgres {
namespace {

struct Sockets {
  Sockets() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0); }
  ~Sockets() {
    close(ends[0]);
    close(ends[1]);
  }
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;
  std::array<int, 2> ends{};
};

TEST(Watch, ABlockedReadReturnsAtTheLimit) {
  const Sockets sockets;
  const Watch watch(sockets.ends[0], std::chrono::milliseconds(20));
  char byte = 0;
  EXPECT_EQ(read(sockets.ends[0], &byte, 1), 0);
}

TEST(Watch, AnEarlierLimitIsNotDelayedByALaterOne) {
  const Sockets patient;
  const Sockets hasty;
  const Watch later(patient.ends[0], std::chrono::hours(1));
  const Watch sooner(hasty.ends[0], std::chrono::milliseconds(20));
  char byte = 0;
  EXPECT_EQ(read(hasty.ends[0], &byte, 1), 0);
  EXPECT_EQ(write(patient.ends[1], "x", 1), 1);
  EXPECT_EQ(read(patient.ends[0], &byte, 1), 1);
}

}  // namespace
}  // namespace bough::postgres
