#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "reconciler/runner/testing.h"
#include "reconciler/runner/usage.h"

namespace bough::runner {
namespace {

namespace fs = std::filesystem;

// Each test runs in the sandbox and without it.
class Limited : public testing::TestWithParam<Sandbox> {
 protected:
  void SetUp() override { need(GetParam()); }

  ProcessRequest request(const std::string& command) const {
    ProcessRequest made;
    made.command = command;
    made.root = folder_.checkout();
    made.sandbox = GetParam();
    made.deadline = std::chrono::minutes(3);
    return made;
  }
  static void expect_killed(const ProcessRequest& asked, const std::string& limit) {
    const auto ran = run(asked);
    EXPECT_EQ(ran.error, "");
    EXPECT_EQ(ran.outcome.state, RunState::failed);
    EXPECT_EQ(ran.outcome.exit_code, 137);
    EXPECT_NE(ran.outcome.note.find("killed because it used more than " + limit), std::string::npos)
        << ran.outcome.note << "\n"
        << joined(ran.lines);
  }

  TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Runner, Limited, testing::Values(Sandbox::required, Sandbox::off),
                         [](const auto& each) {
                           return each.param == Sandbox::off ? "Off" : "Sandboxed";
                         });

TEST_P(Limited, Row85_TooManyProcessesAreEnded) {
  auto asked = request("while :; do sleep 1000 & sleep 0.002; done");
  asked.limits.processes = 100;
  expect_killed(asked, "100 processes");
}

TEST_P(Limited, Row85_MemoryIsLimitedForAllProcessesTogether) {
  auto asked = request(
      "for i in 1 2 3 4; do python3 -c 'import time; "
      "x = bytearray(100 << 20); time.sleep(1000)' & done; wait");
  asked.limits.memory = 256 << 20;
  expect_killed(asked, "256 MiB of memory");
}

TEST_P(Limited, Row85_MemoryIsLimitedForOneProcess) {
  auto asked = request("python3 -c '\nparts = []\nwhile True: parts.append(b\"x\" * (1 << 20))'");
  asked.limits.memory = 512 << 20;
  expect_killed(asked, "512 MiB of memory");
}

TEST_P(Limited, WhatIsReservedAndNotUsedDoesNotCount) {
  auto asked = request("python3 -c 'import mmap; mmap.mmap(-1, 64 << 30, flags=0x4022)'");
  asked.limits.memory = 512 << 20;
  const auto ran = run(asked);
  EXPECT_EQ(ran.outcome.state, RunState::succeeded) << ran.error << joined(ran.lines);
}

TEST_P(Limited, Row85_ALargeFileEndsAtTheLimit) {
  auto asked = request("exec head -c 100000000000 /dev/zero >large");
  asked.limits.disk = 64 << 20;
  const auto ran = run(asked);
  EXPECT_EQ(ran.outcome.state, RunState::failed) << ran.error;
  EXPECT_NE(ran.outcome.note.find("ended by the signal XFSZ"), std::string::npos)
      << ran.outcome.note;
  EXPECT_LE(fs::file_size(folder_.checkout() + "/large"), 64u << 20);
}

TEST_P(Limited, Row85_ManyFilesTogetherEndAtTheLimit) {
  auto asked = request("i=0; while :; do i=$((i+1)); head -c 8000000 /dev/zero >f$i; done");
  asked.limits.disk = 64 << 20;
  expect_killed(asked, "64 MiB of disk");
}

TEST_P(Limited, Row85_TheNumberOfFilesIsLimited) {
  auto asked = request(
      "python3 -c '\nimport itertools\n"
      "for i in itertools.count(): open(str(i), \"w\").close()'");
  asked.limits.files = 1000;
  expect_killed(asked, "1000 files in its checkout");
}

TEST_P(Limited, FoldersWithoutEndAreEnded) {
  auto asked = request(
      "python3 -c '\nimport os, time\nfor i in range(400): os.mkdir(\"d\"); "
      "os.chdir(\"d\")\ntime.sleep(1000)'");
  expect_killed(asked, "200 levels of folders");
}

TEST_P(Limited, WhatStaysBelowTheLimitsIsLeftAlone) {
  auto asked = request(
      "for i in 1 2 3; do (head -c 20000000 /dev/zero >f$i; sleep 1) & done; wait; "
      "python3 -c 'x = bytearray(50 << 20)'");
  asked.limits = {256 << 20, 50, 100, 64 << 20};
  const auto ran = run(asked);
  EXPECT_EQ(ran.outcome.state, RunState::succeeded) << ran.outcome.note << ran.error;
}

struct ExcessCase {
  const char* name;
  Usage usage;
  std::optional<std::string> says;
};
TEST(Excess, NamesTheLimit) {
  const Bounds bounds{1LL << 30, 10, 100, 5LL << 30, "/folder"};
  const ExcessCase cases[] = {
      {"AtEach", {1LL << 30, 10, 100, 5LL << 30, false}, std::nullopt},
      {"Memory", {(1LL << 30) + 1, 0, 0, 0, false}, "1 GiB of memory"},
      {"Processes", {0, 11, 0, 0, false}, "10 processes"},
      {"Files", {0, 0, 101, 0, false}, "100 files in its checkout"},
      {"Disk", {0, 0, 0, (5LL << 30) + 1, false}, "5 GiB of disk"},
      {"Deep", {0, 0, 0, 0, true}, "200 levels of folders"},
  };
  for (const auto& each : cases) EXPECT_EQ(excess(each.usage, bounds), each.says) << each.name;
  EXPECT_EQ(excess({1LL << 50, 1 << 20, 1LL << 40, 1LL << 50, false}, {}), std::nullopt);
}

TEST(FilesInUse, AreCountedOnceAndLinksAreNotFollowed) {
  const TemporaryFolder folder;
  const auto root = folder.checkout();
  std::ofstream(root + "/a") << std::string(1 << 20, 'x');
  fs::create_hard_link(root + "/a", root + "/b");
  fs::create_symlink("/usr", root + "/usr");
  fs::create_directory(root + "/sub");
  std::ofstream(root + "/sub/c") << "x";
  Usage usage;
  add_files(root, {}, usage);
  EXPECT_EQ(usage.files, 5);
  EXPECT_GE(usage.disk, 1 << 20);
  EXPECT_LT(usage.disk, (1 << 20) + (64 << 10));
}

}  // namespace
}  // namespace bough::runner
