#include "git/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "git/url.h"
#include "spec/handle.h"
#include "spec/time.h"

extern char** environ;

namespace bough {
namespace {

constexpr std::size_t kIdleWorkers = 4;
constexpr int kRequestsPerWorker = 500;

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

/// One running worker. The destructor kills and reaps it: until then nobody else has its number.
class Worker {
 public:
  static Result<std::unique_ptr<Worker>> start(const std::string& program);
  Worker(pid_t pid, Descriptor socket) : pid_(pid), socket_(std::move(socket)) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// Whether it still runs and may take one more request.
  bool usable() const;
  bool knows(const std::string& folder) const { return folder_ == folder; }

  /// Sends the request and waits for the reply.
  Transfer exchange(const FetchRequest& request, Deadline deadline, std::string& reply);

 private:
  pid_t pid_;
  Descriptor socket_;
  std::string folder_;
  int requests_ = 0;
};

struct SpawnSettings {
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

/// A session of its own, so no terminal signal reaches it; default signals; no descriptor but the
/// socket and standard error.
void describe(SpawnSettings& settings, int socket) {
  posix_spawn_file_actions_adddup2(&settings.actions, socket, 0);
  posix_spawn_file_actions_addopen(&settings.actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&settings.actions, 3);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setflags(&settings.attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

Result<std::unique_ptr<Worker>> Worker::start(const std::string& program) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return Error{Fault::broken, std::string("no socket for the Git worker: ") + strerror(errno)};
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  SpawnSettings settings;
  describe(settings, theirs.number());
  std::array<char*, 3> arguments{const_cast<char*>("bough"), const_cast<char*>("__git"), nullptr};
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, program.c_str(), &settings.actions, &settings.attributes,
                                 arguments.data(), environ);
  if (failed != 0)
    return Error{Fault::broken,
                 "the Git worker " + program + " cannot be started: " + strerror(failed)};
  return std::make_unique<Worker>(pid, std::move(ours));
}

Worker::~Worker() {
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool Worker::usable() const {
  const Deadline now{};
  return requests_ < kRequestsPerWorker &&
         wait_for(socket_.number(), POLLIN, now) == Transfer::late;
}

Transfer Worker::exchange(const FetchRequest& request, Deadline deadline, std::string& reply) {
  folder_ = request.folder;
  ++requests_;
  const auto sent = send_message(socket_.number(), encode(request), deadline);
  return sent == Transfer::done ? receive_message(socket_.number(), reply, deadline) : sent;
}

/// The workers that wait for work, shared by all mirrors of the process.
class Pool {
 public:
  Pool() {
    const char* program = std::getenv("BOUGH_WORKER");
    program_ = program && *program ? program : "/proc/self/exe";
  }
  void use(std::string program) {
    const std::lock_guard lock(mutex_);
    program_ = std::move(program);
    idle_.clear();
  }
  Result<std::unique_ptr<Worker>> take(const std::string& folder);
  Result<std::unique_ptr<Worker>> fresh();
  void give_back(std::unique_ptr<Worker> worker);

 private:
  std::mutex mutex_;
  std::string program_;
  std::vector<std::unique_ptr<Worker>> idle_;
};

/// Prefers the worker that has the mirror open already.
Result<std::unique_ptr<Worker>> Pool::take(const std::string& folder) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(idle_, [](const auto& worker) { return !worker->usable(); });
    if (!idle_.empty()) {
      auto best = std::find_if(idle_.begin(), idle_.end(),
                               [&](const auto& worker) { return worker->knows(folder); });
      if (best == idle_.end()) best = idle_.begin();
      auto worker = std::move(*best);
      idle_.erase(best);
      return worker;
    }
  }
  return fresh();
}

Result<std::unique_ptr<Worker>> Pool::fresh() {
  std::string program;
  {
    const std::lock_guard lock(mutex_);
    program = program_;
  }
  return Worker::start(program);
}

void Pool::give_back(std::unique_ptr<Worker> worker) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleWorkers) idle_.push_back(std::move(worker));
}

Pool& pool() {
  static Pool the_pool;
  return the_pool;
}

/// The remote as messages name it: its URL holds no login that may be shown.
std::string name_of(const Remote& remote) {
  auto url = RemoteUrl::parse(remote.url);
  return url ? url->shown() : "the repository";
}

/// The worker's answer; nothing when it died without one.
std::optional<FetchReply> ask(std::unique_ptr<Worker> worker, const FetchRequest& request,
                              Deadline deadline) {
  std::string bytes;
  const Transfer outcome = worker->exchange(request, deadline, bytes);
  if (outcome == Transfer::closed) return std::nullopt;
  if (outcome == Transfer::late)
    return FetchFailure{
        {Fault::unavailable,
         name_of(request.remote) + " gave no full answer within " + to_text(request.limit)}};
  pool().give_back(std::move(worker));
  auto reply = decode_reply(bytes);
  if (!reply) return FetchFailure{reply.error()};
  return *std::move(reply);
}

}  // namespace

FetchReply fetch_in_worker(const FetchRequest& request) {
  const Deadline deadline = std::chrono::steady_clock::now() + request.limit;
  auto worker = pool().take(request.folder);
  if (!worker) return FetchFailure{worker.error()};
  auto answer = ask(*std::move(worker), request, deadline);
  if (answer) return *std::move(answer);
  // It may have died of what it had open; a fresh one gets a second try.
  worker = pool().fresh();
  if (!worker) return FetchFailure{worker.error()};
  answer = ask(*std::move(worker), request, deadline);
  if (answer) return *std::move(answer);
  return FetchFailure{
      {Fault::unavailable, "the Git worker for " + name_of(request.remote) + " died twice"}};
}

void set_worker_program(std::string path) {
  pool().use(std::move(path));
}

}  // namespace bough
