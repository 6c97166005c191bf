#include "reconciler/runner/log_files.h"

#include "reconciler/runner/testing.h"

namespace bough::runner {
namespace {

using namespace std::chrono_literals;

const Instant now = *parse_rfc3339("2026-01-31T12:00:00.000Z");

std::string log(std::chrono::milliseconds age) {
  return log_prefix(now - age) + "-shop-1234567-build-1.log";
}

TEST(StaleLogs, AreTheOldOnesAndThoseBeyondTheMost) {
  using Names = std::vector<std::string>;
  const struct {
    const char* name;
    Names names;
    LogConfig rule;
    Names stale;
  } cases[] = {
      {"None", {}, {1h, 1}, {}},
      {"Young", {log(1min), log(59min)}, {1h, 5}, {}},
      {"Old", {log(61min), log(1min)}, {1h, 5}, {log(61min)}},
      {"TooMany", {log(3min), log(1min), log(2min)}, {1h, 2}, {log(3min)}},
      {"Both", {log(3h), log(3min), log(1min)}, {1h, 1}, {log(3min), log(3h)}},
      {"SecondCommand", {log(2h) + ".2", log(2h)}, {1h, 9}, {log(2h) + ".2", log(2h)}},
  };
  for (const auto& each : cases) EXPECT_EQ(stale_logs(each.names, each.rule, now), each.stale);
}

TEST(StaleLogs, AloneAreRemoved) {
  const TemporaryFolder folder;
  for (const auto& name : {log(2h), log(1min), std::string("notes.txt")}) {
    std::ofstream(folder.path() + "/" + name) << "x";
  }
  prune_logs(folder.path(), {1h, 100}, now);
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/" + log(2h)));
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/" + log(1min)));
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/notes.txt"));
}

}  // namespace
}  // namespace bough::runner
