#include "reconciler/runner/tree.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "reconciler/runner/descendants.h"
#include "reconciler/runner/launcher_program.h"
#include "spec/handle.h"

namespace bough::runner {
namespace {

// Set up and torn down by the C library; the handles only see to the latter.
struct Spawning {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  Spawning() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;
  ~Spawning() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
};

void reset_signals(Spawning& spawning) {
  sigset_t all;
  sigset_t none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&spawning.attributes, &all);
  posix_spawnattr_setsigmask(&spawning.attributes, &none);
  posix_spawnattr_setflags(&spawning.attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

// The launcher reads its task from 0, writes output to 1 and 2, and its report to 3.
Result<pid_t> spawn_launcher(const Fd& task, const Fd& output, const Fd& report) {
  const Fd& program = launcher_program();
  if (!program) return Error{Fault::unavailable, "starting a command: no files in memory"};
  Spawning spawning;
  reset_signals(spawning);
  posix_spawn_file_actions_adddup2(&spawning.files, task.number(), 0);
  posix_spawn_file_actions_adddup2(&spawning.files, output.number(), 1);
  posix_spawn_file_actions_adddup2(&spawning.files, output.number(), 2);
  posix_spawn_file_actions_adddup2(&spawning.files, report.number(), 3);
  posix_spawn_file_actions_adddup2(&spawning.files, program.number(), 4);
  posix_spawn_file_actions_addclosefrom_np(&spawning.files, 5);
  std::string name = "bough-launch";
  char* arguments[] = {name.data(), nullptr};
  char* environment[] = {nullptr};
  pid_t launcher = 0;
  const int error = posix_spawn(&launcher, "/proc/self/fd/4", &spawning.files, &spawning.attributes,
                                arguments, environment);
  if (error == 0) return launcher;
  return Error{Fault::broken, "starting a command: " + std::string(strerrordesc_np(error))};
}

// Bytes that can be had without waiting; nothing at the end.
std::optional<std::string_view> available(const Fd& from, std::array<char, 65536>& space) {
  ssize_t got = 0;
  do {
    got = read(from.number(), space.data(), space.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return std::string_view();
  if (got <= 0) return std::nullopt;
  return std::string_view(space.data(), static_cast<std::size_t>(got));
}

}  // namespace

Tree::Tree(pid_t launcher, Fd output, Fd report)
    : launcher_(launcher), output_(std::move(output)), report_(std::move(report)) {}

Result<std::unique_ptr<Tree>> Tree::start(Launch launch) {
  launch.parent = getpid();
  const Fd task = memory_file(to_text(launch));
  auto output = make_pipe();
  auto report = make_pipe();
  if (!task || !output.write || !report.write) {
    return Error{Fault::unavailable, "starting a command: no more file descriptors"};
  }
  auto launcher = spawn_launcher(task, output.write, report.write);
  if (!launcher) return launcher.error();
  return std::unique_ptr<Tree>(new Tree(*launcher, std::move(output.read), std::move(report.read)));
}

Tree::~Tree() {
  if (launcher_ == 0) return;
  stop();
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < patience) {
    if (!pump(std::chrono::milliseconds(100), [](std::string_view) {})) return;
  }
  force();
  waitpid(launcher_, nullptr, 0);
}

void Tree::stop() {
  if (launcher_ == 0) return;
  kill(launcher_, SIGTERM);
  // A command with our own user could have stopped it.
  kill(launcher_, SIGCONT);
}

void Tree::force() {
  if (launcher_ == 0) return;
  kill_descendants(launcher_);
  kill(launcher_, SIGKILL);
}

bool Tree::pump(std::chrono::milliseconds patience, const Bytes& bytes) {
  if (launcher_ == 0) return false;
  std::array<pollfd, 2> waiting{pollfd{output_.number(), POLLIN, 0},
                                pollfd{report_.number(), POLLIN, 0}};
  if (poll(waiting.data(), waiting.size(), static_cast<int>(patience.count())) <= 0) return true;
  if (waiting[0].revents != 0 && !read_output(bytes)) output_.close();
  if (waiting[1].revents == 0 || read_report()) return true;
  waitpid(std::exchange(launcher_, 0), nullptr, 0);
  // All writers are dead; a stranger who was handed the pipe cannot keep us here, as no more is
  // read than a pipe holds.
  for (int rest = 0; output_ && rest < 16 && read_output(bytes); ++rest) {
  }
  return false;
}

bool Tree::read_output(const Bytes& bytes) {
  std::array<char, 65536> space;
  const auto got = available(output_, space);
  if (got && !got->empty()) bytes(*got);
  return got.has_value();
}

bool Tree::read_report() {
  std::array<char, 65536> space;
  const auto got = available(report_, space);
  if (got) report_text_ += *got;
  return got.has_value();
}

}  // namespace bough::runner
