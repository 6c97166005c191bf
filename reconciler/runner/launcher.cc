#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "reconciler/runner/descendants.h"
#include "reconciler/runner/fd.h"
#include "reconciler/runner/inside.h"
#include "reconciler/runner/launch.h"
#include "reconciler/runner/private_network.h"
#include "reconciler/runner/relay.h"
#include "reconciler/runner/usage.h"

namespace bough {
namespace {

using namespace runner;

// Descriptors that bubblewrap's options name; see sandbox.cc.
constexpr int options_number = 3;
constexpr int started_number = 4;
constexpr int hosts_number = 5;
constexpr int self_number = 6;

struct Plumbing {
  Fd report;   ///< to bough: how it ended
  Fd options;  ///< bubblewrap's options
  Fd started;  ///< where bubblewrap says that the command ran
  Fd hosts;    ///< what bubblewrap shows as /etc/hosts
  Fd self;     ///< this program, to be the first one inside
  Handover relay;
};

void report(const Plumbing& plumbing, const Ending& ending) {
  const auto text = to_text(ending);
  // A report fits into an empty pipe; when nobody reads it any more, nobody needs it.
  [[maybe_unused]] const auto written = write(plumbing.report.number(), text.data(), text.size());
}

// The signals that the supervisor takes one at a time; all but SIGCHLD end the tree.
sigset_t watched_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT}) sigaddset(&signals, each);
  return signals;
}

void lower(__rlimit_resource what, rlim_t most) {
  rlimit limit{};
  if (getrlimit(what, &limit) != 0) return;
  limit.rlim_max = std::min(limit.rlim_max, most);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(what, &limit);
}

// What the kernel checks at once; the supervisor looks at the tree as a whole.
void set_limits(const Bounds& bounds, bool as_root) {
  lower(RLIMIT_CORE, 0);
  lower(RLIMIT_NOFILE, 65536);
  lower(RLIMIT_FSIZE, bounds.disk > 0 ? static_cast<rlim_t>(bounds.disk) : rlim_t{20} << 30);
  if (!as_root) lower(RLIMIT_NPROC, 4096);
}

bool step_down(const RunUser& user) {
  const gid_t group = user.gid;
  if (geteuid() == user.uid) return true;
  return setgroups(1, &group) == 0 && setgid(group) == 0 && setuid(user.uid) == 0 && setuid(0) != 0;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> found;
  found.reserve(texts.size() + 1);
  for (const auto& text : texts) found.push_back(const_cast<char*>(text.c_str()));
  found.push_back(nullptr);
  return found;
}

std::string failed(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

// Only the descriptors that the program is meant to have stay open in it.
void keep_descriptors(const Plumbing& plumbing) {
  unsigned first = 3;
  if (plumbing.options) {
    dup2(plumbing.options.number(), options_number);
    dup2(plumbing.started.number(), started_number);
    if (plumbing.hosts) dup2(plumbing.hosts.number(), hosts_number);
    dup2(plumbing.self.number(), self_number);
    first = self_number + 1;
  }
  close_range(first, ~0U, CLOSE_RANGE_CLOEXEC);
}

// Becomes the program; returns only why that did not work.
std::string become(const Launch& launch, const Plumbing& plumbing, pid_t supervisor) {
  const auto arguments = pointers(launch.arguments);
  const auto environment = pointers(launch.environment);
  const auto signals = watched_signals();
  set_limits(launch.bounds, launch.user ? launch.user->uid == 0 : geteuid() == 0);
  if (launch.user && !step_down(*launch.user)) return failed("becoming " + launch.user->name);
  if (launch.network) {
    if (auto trouble = enter(*launch.network, plumbing.relay.other)) return *trouble;
  }
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // After the changes of user and namespace, which clear it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != supervisor) return "bough has gone";
  umask(022);
  if (chdir(launch.folder.c_str()) != 0) return failed("entering " + launch.folder);
  keep_descriptors(plumbing);
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  execve(arguments[0], arguments.data(), environment.data());
  return failed("starting " + launch.arguments[0]);
}

std::optional<int> reaped(pid_t program) {
  std::optional<int> found;
  int status = 0;
  for (pid_t child = 0; (child = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (child == program) found = status;
  }
  return found;
}

Ending ending_from(int status) {
  if (WIFSIGNALED(status)) return Signalled{WTERMSIG(status)};
  return Exited{WEXITSTATUS(status)};
}

Ending wait_for(pid_t program, const Bounds& bounds) {
  constexpr timespec between_looks{0, 200'000'000};
  const auto signals = watched_signals();
  UsageWatch usage(bounds);
  for (std::optional<Ending> told;;) {
    // Looked at once more after the order to end it: what had ended by itself did so.
    if (const auto status = reaped(program)) return ending_from(*status);
    if (told) return *told;
    const int signal = sigtimedwait(&signals, nullptr, &between_looks);
    if (signal > 0 && signal != SIGCHLD) told = Killed{};
    const auto limit = usage.excess_now();
    if (limit && !told) told = Exceeded{*limit};
  }
}

// Ends and reaps whatever is left of the tree: as a subreaper we inherit every orphan of it.
void sweep() {
  while (true) {
    pid_t child = 0;
    while ((child = waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (child < 0) return;
    kill_descendants(getpid());
    waitpid(-1, nullptr, 0);
  }
}

// bubblewrap writes the command's exit code only when it got as far as starting it.
Ending judged(const Plumbing& plumbing, const Ending& ending) {
  const auto* exited = std::get_if<Exited>(&ending);
  if (!plumbing.options || exited == nullptr || exited->code == 0) return ending;
  if (all_of(plumbing.started).find("exit-code") != std::string::npos) return ending;
  return NotStarted{"bubblewrap could not set up the sandbox"};
}

// A process of its own, outside the private network and without rights.
void start_relay(const Launch& launch, Plumbing& plumbing) {
  if (!launch.network || launch.network->passages.empty()) return;
  plumbing.relay = make_handover();
  const pid_t supervisor = getpid();
  if (fork() != 0) return plumbing.relay.one.close();
  plumbing.relay.other.close();
  if (launch.user && !step_down(*launch.user)) _exit(1);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == supervisor) run_relay(*launch.network, plumbing.relay.one);
  _exit(0);
}

Ending supervise(const Launch& launch, Plumbing& plumbing) {
  const pid_t self = getpid();
  const auto signals = watched_signals();
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != launch.parent) return Killed{};
  start_relay(launch, plumbing);
  const pid_t program = fork();
  if (program < 0) return NotStarted{failed("starting a process")};
  if (program == 0) {
    report(plumbing, NotStarted{become(launch, plumbing, self)});
    _exit(127);
  }
  const auto ending = wait_for(program, launch.bounds);
  sweep();
  return judged(plumbing, ending);
}

void empty_standard_input() {
  const Fd nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  dup2(nothing.number(), STDIN_FILENO);
}

int run() {
  const Fd request = high(Fd(dup(STDIN_FILENO)));
  const auto launch = launch_of(all_of(request));
  if (!launch) {
    std::fputs("bough-launch: only bough starts this\n", stderr);
    return 2;
  }
  Plumbing plumbing{high(Fd(3)), {}, {}, {}, {}, {}};
  if (!launch->options.empty()) {
    plumbing.options = memory_file(launch->options);
    plumbing.started = memory_file("");
    plumbing.self = high(Fd(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)));
    if (!launch->hosts.empty()) plumbing.hosts = memory_file(launch->hosts);
  }
  empty_standard_input();
  const auto ending = supervise(*launch, plumbing);
  // Here and not in bough, which may have been killed.
  if (std::error_code ignored; !launch->home.empty()) {
    std::filesystem::remove_all(launch->home, ignored);
  }
  report(plumbing, ending);
  return 0;
}

}  // namespace
}  // namespace bough

// Starts a command with limits and user, and ends its whole tree when the command or bough has
// ended.
int main(int count, char** arguments) {
  if (count > 1 && std::strcmp(arguments[1], bough::runner::inside_word) == 0) {
    return bough::runner::run_inside(count, arguments);
  }
  // Not by return: the leak check of a sanitized build can hang where signals are blocked.
  _exit(bough::run());
}
