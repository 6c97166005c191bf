#include "reconciler/runner/launch.h"

#include <gtest/gtest.h>

namespace bough::runner {
namespace {

Launch full() {
  Launch launch;
  launch.arguments = {"/bin/sh", "-c", "echo '1:x'\n", ""};
  launch.environment = {"A=1", "B=\xFF\n"};
  launch.folder = "/a b";
  launch.user = RunUser{"nobody", 65534, 65534};
  launch.options = std::string("--bind\0x\0", 9);
  launch.hosts = "127.0.0.1 localhost\n";
  launch.network = PrivateNetwork{{{"127.0.0.1", 5432, {"::1", "127.0.0.1"}}, {"::1", 1, {}}}};
  launch.bounds = {1LL << 40, 2, 3, 4, "/folder"};
  launch.home = "/tmp/home";
  launch.parent = 42;
  return launch;
}

TEST(Launch, ReadsBackAsItWasWritten) {
  auto launch = full();
  EXPECT_EQ(launch_of(to_text(launch)), launch);
  launch.user.reset();
  launch.network.reset();
  EXPECT_EQ(launch_of(to_text(launch)), launch);
}

TEST(Launch, IsNothingWhenCutAnywhere) {
  const auto text = to_text(full());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(launch_of(text.substr(0, size))) << size;
  }
  EXPECT_FALSE(launch_of("99999999999999999999:x"));
  EXPECT_FALSE(launch_of("18446744073709551615:x"));
}

TEST(Ending, ReadsBackAsItWasWritten) {
  for (const Ending& ending :
       {Ending(Exited{7}), Ending(Signalled{9}), Ending(Killed{}),
        Ending(Exceeded{"2 GiB of memory"}), Ending(NotStarted{"no: such\nthing"})}) {
    EXPECT_EQ(ending_of(to_text(ending)), ending) << to_text(ending);
  }
  EXPECT_FALSE(ending_of(""));
}

TEST(Ending, TheFirstReportCounts) {
  const auto text = to_text(Ending(NotStarted{"x"})) + to_text(Ending(Exited{127}));
  EXPECT_EQ(ending_of(text), Ending(NotStarted{"x"}));
}

}  // namespace
}  // namespace bough::runner
