#include "provisioners/postgres/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>

#include "spec/handle.h"

namespace bough::postgres {
namespace {

/// An open file descriptor.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() { close(); }
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&&) = delete;
  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

Error failed(std::string_view what, int error) {
  return {Fault::broken, fmt::format("{}: {}", what, std::strerror(error))};
}

/// Its standard input as a file in memory: a pipe could block us while it waits for us to read.
Result<File> input_file(const std::string& text) {
  File file(memfd_create("input", MFD_CLOEXEC));
  if (file.get() < 0) return failed("making a child's input", errno);
  if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return failed("making a child's input", errno);
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

/// What posix_spawn cannot do, util-linux's setpriv can: change the user, and end with us.
std::vector<std::string> through_setpriv(const Child& child, std::vector<std::string> options) {
  if (child.user && geteuid() == 0) {
    options.push_back(fmt::format("--reuid={}", child.user->uid));
    options.push_back(fmt::format("--regid={}", child.user->gid));
    options.push_back("--clear-groups");
  }
  if (options.empty()) return child.words;
  std::vector<std::string> words{"setpriv"};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back("--");
  words.insert(words.end(), child.words.begin(), child.words.end());
  return words;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// Where a child's standard files come from.
struct Streams {
  int input;
  int output;
  int error;
  int list = -1;  ///< its descriptor 3, if any
};

struct Actions {
  posix_spawn_file_actions_t value;
  Actions() { posix_spawn_file_actions_init(&value); }
  ~Actions() { posix_spawn_file_actions_destroy(&value); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
};

/// In a session of its own, with default signals and nothing of ours open.
struct Attributes {
  posix_spawnattr_t value;
  Attributes() {
    posix_spawnattr_init(&value);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&value, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&value, &signals);
    posix_spawnattr_setflags(&value,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Attributes() { posix_spawnattr_destroy(&value); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
};

Result<int> spawn(std::vector<std::string> words, const Child& child, const Streams& streams) {
  const Actions actions;
  auto* list = const_cast<posix_spawn_file_actions_t*>(&actions.value);
  posix_spawn_file_actions_adddup2(list, streams.input, 0);
  posix_spawn_file_actions_adddup2(list, streams.output, 1);
  posix_spawn_file_actions_adddup2(list, streams.error, 2);
  if (streams.list >= 0) posix_spawn_file_actions_adddup2(list, streams.list, 3);
  posix_spawn_file_actions_addclosefrom_np(list, streams.list >= 0 ? 4 : 3);
  posix_spawn_file_actions_addchdir_np(list, child.folder.c_str());
  const Attributes attributes;
  std::vector<std::string> environment{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
                                       "LC_ALL=C", "TZ=UTC", "HOME=/"};
  environment.insert(environment.end(), child.environment.begin(), child.environment.end());
  auto argv = pointers(words);
  auto envp = pointers(environment);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], list, &attributes.value, argv.data(), envp.data());
  if (error != 0) return failed("starting " + words.front(), error);
  return pid;
}

/// Whether there is something to read, or the other side has closed.
bool readable(int fd) {
  constexpr int kMilliseconds = 200;
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, kMilliseconds) != 0;
}

/// What comes until the other side closes; less when `stopping` says so first.
std::string read_until(int fd, const std::function<bool()>& stopping) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (!stopping()) {
    if (!readable(fd)) continue;
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

int wait_for(int pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return 127;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

struct Pipe {
  File read;
  File write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return failed("making a pipe", errno);
  return Pipe{File(ends[0]), File(ends[1])};
}

}  // namespace

Result<Ended> run(const Child& child) {
  auto input = input_file(child.input);
  if (!input) return input.error();
  auto list = input_file(child.list);
  if (!list) return list.error();
  auto output = make_pipe();
  if (!output) return output.error();
  const int out = output->write.get();
  const Streams streams{child.input_fd >= 0 ? child.input_fd : input->get(),
                        child.output_fd >= 0 ? child.output_fd : out, out,
                        child.list.empty() ? -1 : list->get()};
  auto pid = spawn(through_setpriv(child, {"--pdeathsig=KILL"}), child, streams);
  if (!pid) return pid.error();
  output->write.close();
  if (!child.stopping) {
    std::string text = read_all(output->read.get());
    return Ended{wait_for(*pid), std::move(text)};
  }
  std::string text = read_until(output->read.get(), child.stopping);
  const bool stopped = child.stopping();
  if (stopped) kill(-*pid, SIGKILL);
  const int status = wait_for(*pid);
  if (stopped) return Error{Fault::unavailable, child.words.front() + " was stopped"};
  return Ended{status, std::move(text)};
}

Result<int> start(const Child& child, int log) {
  auto input = input_file("");
  if (!input) return input.error();
  auto said = make_pipe();
  if (!said) return said.error();
  // The shell only puts the program into the background and leaves it; all words are arguments.
  std::vector<std::string> words{"/bin/sh", "-c", "\"$@\" >&2 & echo $!", "sh"};
  const auto program = through_setpriv(child, {});
  words.insert(words.end(), program.begin(), program.end());
  auto shell = spawn(std::move(words), child, {input->get(), said->write.get(), log});
  if (!shell) return shell.error();
  said->write.close();
  const std::string text = read_all(said->read.get());
  wait_for(*shell);
  int pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  if (pid <= 0) return Error{Fault::broken, "starting " + child.words.front() + " failed"};
  return pid;
}

bool alive(int pid) {
  std::ifstream in(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(in, line)) return false;
  // The state follows the name, which may itself hold spaces and parentheses.
  const std::size_t name_end = line.rfind(") ");
  if (name_end == std::string::npos || name_end + 2 >= line.size()) return false;
  const char state = line[name_end + 2];
  return state != 'Z' && state != 'X';
}

}  // namespace bough::postgres
