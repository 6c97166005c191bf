#include "reconciler/runner/tree.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
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

// Our direct children: launchers.
std::vector<pid_t> children_of_test() {
  std::vector<pid_t> children;
  const auto task = "/proc/self/task/" + std::to_string(getpid()) + "/children";
  std::istringstream text(text_of(task));
  for (pid_t child = 0; text >> child;) children.push_back(child);
  return children;
}

class KilledTree : public testing::TestWithParam<Sandbox> {
 protected:
  ProcessRequest request(const std::string& command) {
    ProcessRequest made;
    made.command = command;
    made.root = folder_.checkout();
    made.sandbox = GetParam();
    made.deadline = std::chrono::minutes(2);
    made.variables["MARK"] = mark_;
    return made;
  }

  // A FIFO in the checkout, opened for reading.
  Fd fifo() {
    const auto path = folder_.checkout() + "/fifo";
    EXPECT_EQ(mkfifo(path.c_str(), 0666), 0);
    EXPECT_EQ(chmod(path.c_str(), 0666), 0);
    return Fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }

  const std::string mark_ = unique_text();
  TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Runner, KilledTree, testing::Values(Sandbox::required, Sandbox::off),
                         [](const auto& each) {
                           return each.param == Sandbox::off ? "Off" : "Sandboxed";
                         });

TEST_P(KilledTree, NothingSurvivesTheEndOfTheCommand) {
  const auto ran = run(request(std::string(survivors) + "exit 5"));
  EXPECT_EQ(ran.outcome.exit_code, 5) << ran.error;
  EXPECT_EQ(ran.outcome.state, RunState::failed);
  EXPECT_EQ(processes_with(mark_), std::vector<int>());
}

TEST_P(KilledTree, NothingSurvivesTheDeadline) {
  auto asked = request(std::string(survivors) + "echo ready; while :; do sleep 1; done");
  asked.deadline = std::chrono::milliseconds(1500);
  const auto ran = run(asked);
  EXPECT_EQ(ran.outcome.state, RunState::timed_out) << ran.error;
  EXPECT_EQ(ran.outcome.exit_code, 137);
  EXPECT_NE(ran.outcome.note.find("killed at the deadline of 1s500ms"), std::string::npos)
      << ran.outcome.note;
  EXPECT_EQ(processes_with(mark_), std::vector<int>());
}

TEST_P(KilledTree, NothingSurvivesACancellation) {
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

TEST_P(KilledTree, AForkBombEndsAtTheDeadline) {
  auto asked = request("ulimit -u 300; f() { f | f & }; f 2>/dev/null; sleep 1000");
  asked.deadline = std::chrono::milliseconds(700);
  asked.secrets = {"no such thing"};
  EXPECT_EQ(run(asked).outcome.state, RunState::timed_out);
  EXPECT_EQ(processes_with(mark_), std::vector<int>());
}

TEST_P(KilledTree, WhatEndedBeforeTheDeadlineIsNotCalledKilled) {
  auto asked = request("echo done");
  asked.deadline = std::chrono::minutes(1);
  // The sink holds us up until long after the command has ended, and past a cancellation.
  const auto ran = run(
      asked,
      [&](std::string_view) {
        while (!processes_with(mark_).empty()) usleep(1000);
      },
      [] { return true; });
  if (ran.outcome.state == RunState::cancelled) {
    EXPECT_TRUE(ran.lines.empty()) << "it was cancelled before it said anything";
  } else {
    EXPECT_EQ(ran.outcome.state, RunState::succeeded) << ran.error;
  }
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
  const auto command = "exec 9>fifo; " + std::string(survivors) + "echo ready; wait";
  Driver driver(command, folder_.checkout(), GetParam() == Sandbox::off ? "off" : "required");
  ASSERT_EQ(driver.first_words(), "ready\n");
  kill(driver.process, SIGKILL);
  waitpid(driver.process, nullptr, 0);
  wait_for_writers(reader.number());
}

TEST_P(KilledTree, DiesWithItsLauncher) {
  if (GetParam() == Sandbox::off) return;  // only a process namespace can promise that
  const auto reader = fifo();
  auto asked = request("exec 9>fifo; " + std::string(survivors) + "echo ready; wait");
  const auto ran = run(asked, [](std::string_view) {
    for (const auto child : children_of_test()) kill(child, SIGKILL);
  });
  EXPECT_EQ(ran.outcome.state, RunState::failed) << ran.error;
  EXPECT_NE(ran.outcome.note.find("killed from outside"), std::string::npos) << ran.outcome.note;
  wait_for_writers(reader.number());
}

TEST_P(KilledTree, AStoppedLauncherDoesNotHoldUsUp) {
  auto asked = request("echo ready; sleep 1000");
  bool ready = false;
  const auto ran = run(
      asked,
      [&](std::string_view) {
        for (const auto child : children_of_test()) kill(child, SIGSTOP);
        ready = true;
      },
      [&] { return ready; });
  EXPECT_EQ(ran.outcome.state, RunState::cancelled) << ran.error;
  EXPECT_EQ(processes_with(mark_), std::vector<int>());
}

}  // namespace
}  // namespace bough::runner
