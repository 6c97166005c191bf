#include "reconciler/runner/process.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "reconciler/runner/delivery.h"
#include "reconciler/runner/room.h"
#include "reconciler/runner/sandbox.h"
#include "reconciler/runner/tree.h"
#include "spec/time.h"

namespace bough {
namespace {

using namespace runner;
using Clock = std::chrono::steady_clock;

constexpr auto between_questions = std::chrono::milliseconds(100);
constexpr auto patience_with_launcher = std::chrono::seconds(5);
constexpr int killed_code = 128 + SIGKILL;

// The home of a command without a sandbox; gone with this.
class Home {
 public:
  static Result<Home> make(const std::optional<RunUser>& user) {
    std::error_code error;
    auto folder = std::filesystem::temp_directory_path(error);
    if (error) folder = "/tmp";
    auto path = (folder / "bough-home-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      return Error{Fault::broken, "making " + path + ": " + std::strerror(errno)};
    }
    Home home(path);
    if (!user) return home;
    auto given = give_to(path, *user);
    if (!given) return given.error();
    return home;
  }
  Home(Home&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  Home& operator=(Home&&) = delete;
  ~Home() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit Home(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// What is to be started, and what it needs for as long as it runs.
struct Prepared {
  Launch launch;
  bool sandboxed = false;
  std::string note;
  std::optional<Home> home;
};

Error sandbox_missing(const std::string& reason) {
  return {Fault::refused,
          "commands must run in a sandbox, and bubblewrap does not work here: " + reason +
              "; install bubblewrap and allow user namespaces, or set `sandbox: off` for the "
              "repository if everybody who may push to it may also run programs as this user"};
}

Result<Prepared> without_sandbox(const ProcessRequest& request, const Room& room,
                                 std::string note) {
  auto home = Home::make(room.user);
  if (!home) return home.error();
  Prepared prepared{unsandboxed(request, room, home->path()), false, std::move(note), {}};
  prepared.home.emplace(*std::move(home));
  return prepared;
}

Result<std::optional<Route>> route_of(const Network& network) {
  const auto* only = std::get_if<OnlyServers>(&network);
  if (only == nullptr) return std::optional<Route>();
  auto route = route_to(only->servers);
  if (!route) return route.error();
  return std::optional(*std::move(route));
}

Result<Prepared> prepare(const ProcessRequest& request, const Room& room) {
  if (request.sandbox == Sandbox::off) {
    return without_sandbox(request, room, "ran without a sandbox, as configured");
  }
  const auto bubblewrap = bubblewrap_for(room.user);
  if (!bubblewrap) return sandbox_missing(bubblewrap.error().message);
  const auto route = route_of(request.network);
  if (!route) return route.error();
  return Prepared{sandboxed(*bubblewrap, request, room, *route), true, "", {}};
}

// Follows one tree to its end; knows why it was told to end, if it was.
class Watch {
 public:
  Watch(Tree& tree, Clock::time_point deadline, const Cancelled& cancelled)
      : tree_(tree), deadline_(deadline), cancelled_(cancelled) {}

  void follow(const Bytes& bytes) {
    while (tree_.pump(between_questions, bytes)) {
      const auto now = Clock::now();
      if (!stopped_) look(now);
      if (stopped_ && now >= force_at_) tree_.force();
    }
  }
  std::optional<RunState> stopped() const { return stopped_; }

 private:
  void look(Clock::time_point now) {
    if (now >= deadline_) return stop(RunState::timed_out, now);
    if (now < next_question_ || !cancelled_) return;
    next_question_ = now + between_questions;
    if (cancelled_()) stop(RunState::cancelled, now);
  }
  void stop(RunState state, Clock::time_point now) {
    stopped_ = state;
    force_at_ = now + patience_with_launcher;
    tree_.stop();
  }

  Tree& tree_;
  Clock::time_point deadline_;
  const Cancelled& cancelled_;
  Clock::time_point next_question_;
  Clock::time_point force_at_;
  std::optional<RunState> stopped_;
};

void add_note(ProcessOutcome& outcome, const std::string& note) {
  outcome.note += (outcome.note.empty() ? "" : "; ") + note;
}

// How often the kernel has ended a process for lack of memory.
long out_of_memory_count() {
  static constexpr std::string_view name = "\noom_kill ";
  const Fd file(open("/proc/vmstat", O_RDONLY | O_CLOEXEC));
  const auto text = file ? all_of(file) : std::string();
  const auto at = text.find(name);
  return at == std::string::npos ? 0 : std::strtol(text.c_str() + at + name.size(), nullptr, 10);
}

// bubblewrap and shells give a signal on as an exit code.
void ended_with(ProcessOutcome& outcome, int code) {
  outcome.exit_code = code;
  outcome.state = code == 0 ? RunState::succeeded : RunState::failed;
  const char* signal = code > 128 ? sigabbrev_np(code - 128) : nullptr;
  if (signal != nullptr) add_note(outcome, std::string("ended by the signal ") + signal);
}

void killed(ProcessOutcome& outcome, std::optional<RunState> stopped, const std::string& deadline) {
  outcome.exit_code = killed_code;
  outcome.state = stopped.value_or(RunState::failed);
  if (!stopped) return add_note(outcome, "killed from outside");
  add_note(outcome, stopped == RunState::cancelled ? "killed because it was cancelled"
                                                   : "killed at the deadline of " + deadline);
}

void exceeded(ProcessOutcome& outcome, const Exceeded& ending) {
  outcome.exit_code = killed_code;
  outcome.state = RunState::failed;
  add_note(outcome, "killed because it used more than " + ending.limit);
}

// Fills in how it ended; an Error when it never began.
Result<ProcessOutcome> judged(ProcessOutcome outcome, const std::optional<Ending>& ending,
                              std::optional<RunState> stopped, const ProcessRequest& request) {
  const auto* not_started = ending ? std::get_if<NotStarted>(&*ending) : nullptr;
  if (not_started != nullptr) return Error{Fault::broken, not_started->reason};
  std::visit(Match{[&](const Exited& it) { ended_with(outcome, it.code); },
                   [&](const Signalled& it) { ended_with(outcome, 128 + it.signal); },
                   [&](const Exceeded& it) { exceeded(outcome, it); },
                   [&](const auto&) { killed(outcome, stopped, to_text(request.deadline)); }},
             ending.value_or(Killed{}));
  return outcome;
}

Result<ProcessOutcome> run(const ProcessRequest& request, Prepared prepared, Delivery& delivery,
                           const Cancelled& cancelled) {
  const auto started = Clock::now();
  const auto killed_before = out_of_memory_count();
  auto tree = Tree::start(std::move(prepared.launch));
  if (!tree) return tree.error();
  Watch watch(**tree, started + request.deadline, cancelled);
  watch.follow([&](std::string_view bytes) { delivery.feed(bytes); });
  delivery.finish();
  ProcessOutcome outcome;
  outcome.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started);
  outcome.sandboxed = prepared.sandboxed;
  outcome.note = std::move(prepared.note);
  if (delivery.failure()) add_note(outcome, "the log is incomplete: " + *delivery.failure());
  auto result = judged(std::move(outcome), (*tree)->ending(), watch.stopped(), request);
  if (result && result->state == RunState::failed && out_of_memory_count() > killed_before) {
    add_note(*result, "meanwhile the kernel ended a process of this machine for lack of memory");
  }
  if (result || delivery.last_line().empty()) return result;
  return Error{result.error().fault, result.error().message + ": " + delivery.last_line()};
}

}  // namespace

Result<ProcessOutcome> run_process(const ProcessRequest& request, const LineSink& line,
                                   const Cancelled& cancelled) {
  const auto room = room_for(request);
  if (!room) return room.error();
  auto prepared = prepare(request, *room);
  if (!prepared) return prepared.error();
  if (room->user) {
    auto given = give_to(room->root, *room->user);
    if (!given) return given.error();
  }
  auto log = Log::open(request.log_file, request.log_limit);
  if (!log) return log.error();
  Delivery delivery({request.secrets, request.log_limit}, *std::move(log), line);
  return run(request, *std::move(prepared), delivery, cancelled);
}

Result<void> sandbox_works() {
  const auto user = run_user(std::nullopt);
  if (!user) return user.error();
  const auto found = bubblewrap_for(*user);
  return found ? Result<void>() : found.error();
}

}  // namespace bough
