#include "reconciler/runner/tree.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <sstream>

#include "reconciler/runner/testing.h"

namespace bough::runner {
namespace {

// Children that do their best to survive, each with $MARK in its environment.
constexpr const char* survivors = R"(
trap '' TERM HUP INT
setsid sleep 1000 &
(setsid sh -c 'trap "" TERM; sleep 1000 & sleep 1000' &) &
sh -c 'kill -STOP $$; sleep 1000' &
(while :; do sleep 0.05; done) &
nohup sleep 1000 >/dev/null 2>&1 </dev/null &
)";

// Direct children, which are launchers.
std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> children;
  const auto number = std::to_string(process);
  const auto task = "/proc/" + number + "/task/" + number + "/children";
  std::istringstream text(text_of(task));
  for (pid_t child = 0; text >> child;) children.push_back(child);
  return children;
}

class ATree : public testing::Test {
 protected:
  explicit ATree(Sandbox sandbox) : sandbox_(sandbox) {}
  void SetUp() override { need(sandbox_); }

  ProcessRequest request(const std::string& command) const {
    ProcessRequest made;
    made.command = command;
    made.root = folder_.checkout();
    made.sandbox = sandbox_;
    made.deadline = std::chrono::minutes(2);
    made.variables["MARK"] = mark_;
    return made;
  }

  // A FIFO in the checkout, opened for reading.
  Fd fifo() const {
    const auto path = folder_.checkout() + "/fifo";
    EXPECT_EQ(mkfifo(path.c_str(), 0666), 0);
    EXPECT_EQ(chmod(path.c_str(), 0666), 0);
    return Fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }

  const Sandbox sandbox_;
  const std::string mark_ = unique_text();
  TemporaryFolder folder_;
};

class SandboxedTree : public ATree {
 protected:
  SandboxedTree() : ATree(Sandbox::required) {}
};

class UnsandboxedTree : public ATree {
 protected:
  UnsandboxedTree() : ATree(Sandbox::off) {}
};

class KilledTree : public ATree, public testing::WithParamInterface<Sandbox> {
 protected:
  KilledTree() : ATree(GetParam()) {}
};

INSTANTIATE_TEST_SUITE_P(Runner, KilledTree, testing::Values(Sandbox::required, Sandbox::off),
                         [](const auto& each) {
                           return each.param == Sandbox::off ? "Off" : "Sandboxed";
                         });

TEST_P(KilledTree, Row86_NothingSurvivesTheEndOfTheCommand) {
  const auto ran = run(request(std::string(survivors) + "exit 5"));
  EXPECT_EQ(ran.outcome.exit_code, 5) << ran.error;
  EXPECT_EQ(ran.outcome.state, RunState::failed);
  EXPECT_EQ(processes_with(mark_), std::vector<int>());
}

TEST_P(KilledTree, Row86_NothingSurvivesTheDeadline) {
  auto asked = request(std::string(survivors) + "echo ready; while :; do sleep 1; done");
  asked.deadline = std::chrono::milliseconds(1500);
  const auto ran = run(asked);
  EXPECT_EQ(ran.outcome.state, RunState::timed_out) << ran.error;
  EXPECT_EQ(ran.outcome.exit_code, 137);
  EXPECT_NE(ran.outcome.note.find("killed at the deadline of 1s500ms"), std::string::npos)
      << ran.outcome.note;
  EXPECT_EQ(processes_with(mark_), std::vector<int>());
}

TEST_P(KilledTree, Row86_NothingSurvivesACancellation) {
  bool ready = false;
  bool alive = false;
  const auto ran = run(
      request(std::string(survivors) + "echo ready; wait"), [&](std::string_view) { ready = true; },
      [&] {
        alive = alive || !processes_with(mark_).empty();
        return ready;
      });
  EXPECT_TRUE(alive) << ran.error;
  EXPECT_EQ(ran.outcome.state, RunState::cancelled);
  EXPECT_NE(ran.outcome.note.find("cancelled"), std::string::npos) << ran.outcome.note;
  EXPECT_EQ(processes_with(mark_), std::vector<int>());
}

TEST_P(KilledTree, Row85_AForkBombEndsAtTheDeadline) {
  auto asked = request("ulimit -p 300 || exit; f() { f | f & }; f 2>/dev/null; exec sleep 1000");
  asked.deadline = std::chrono::milliseconds(700);
  asked.secrets = {"no such thing"};
  EXPECT_EQ(run(asked).outcome.state, RunState::timed_out);
  EXPECT_EQ(processes_with(mark_), std::vector<int>());
}

TEST_F(UnsandboxedTree, WhatEndedBeforeItWasCancelledIsNotCalledKilled) {
  const auto asked = request("echo done");
  bool ended = false;
  const auto ran = run(
      asked,
      [&](std::string_view) {
        while (!processes_with(mark_).empty()) usleep(1000);
        ended = true;
      },
      [&] { return ended; });
  EXPECT_EQ(ran.outcome.state, RunState::succeeded) << ran.error;
}

// What a driver program prints, read line by line.
struct Driver {
  pid_t process = 0;
  Fd output;

  Driver(std::string command, std::string root, std::string sandbox) {
    std::string name = "driver";
    std::string entry = "__drive";
    char* arguments[] = {name.data(), entry.data(),   command.data(),
                         root.data(), sandbox.data(), nullptr};
    auto pipe = make_pipe();
    fcntl(pipe.read.number(), F_SETFL, 0);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pipe.write.number(), 1);
    EXPECT_EQ(posix_spawn(&process, "/proc/self/exe", &files, nullptr, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&files);
    output = std::move(pipe.read);
  }
  std::string first_words() const {
    std::array<char, 256> space;
    const auto got = read(output.number(), space.data(), space.size());
    return {space.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }
};

TEST_P(KilledTree, DiesWithItsParent) {
  const auto reader = fifo();
  const auto command = "exec 9>fifo; " + std::string(survivors) + "echo $HOME; wait";
  Driver driver(command, folder_.checkout(), GetParam() == Sandbox::off ? "off" : "required");
  auto home = driver.first_words();
  ASSERT_TRUE(home.starts_with('/')) << home;
  home.pop_back();
  const auto launchers = children_of(driver.process);
  ASSERT_EQ(launchers.size(), 1u);
  const Fd launcher(static_cast<int>(syscall(SYS_pidfd_open, launchers[0], 0)));
  kill(driver.process, SIGKILL);
  waitpid(driver.process, nullptr, 0);
  wait_for_writers(reader.number());
  pollfd waiting{launcher.number(), POLLIN, 0};
  EXPECT_EQ(poll(&waiting, 1, 60000), 1) << "the launcher stayed";
  EXPECT_FALSE(std::filesystem::exists(home)) << "its home stayed";
}

// Only a process namespace can promise that.
TEST_F(SandboxedTree, DiesWithItsLauncher) {
  const auto reader = fifo();
  const auto asked = request("exec 9>fifo; " + std::string(survivors) + "echo ready; wait");
  const auto ran = run(asked, [](std::string_view) {
    for (const auto child : children_of(getpid())) kill(child, SIGKILL);
  });
  EXPECT_EQ(ran.outcome.state, RunState::failed) << ran.error;
  EXPECT_NE(ran.outcome.note.find("killed from outside"), std::string::npos) << ran.outcome.note;
  wait_for_writers(reader.number());
}

TEST_P(KilledTree, Row86_AStoppedLauncherDoesNotHoldUsUp) {
  auto asked = request("echo ready; sleep 1000");
  bool ready = false;
  const auto ran = run(
      asked,
      [&](std::string_view) {
        for (const auto child : children_of(getpid())) kill(child, SIGSTOP);
        ready = true;
      },
      [&] { return ready; });
  EXPECT_EQ(ran.outcome.state, RunState::cancelled) << ran.error;
  EXPECT_EQ(processes_with(mark_), std::vector<int>());
}

}  // namespace
}  // namespace bough::runner
