#include "provisioners/postgres/cluster.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <locale.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>

#include "provisioners/postgres/child.h"
#include "provisioners/postgres/files.h"
#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/scram.h"
#include "provisioners/postgres/session.h"
#include "provisioners/postgres/trust.h"
#include "spec/handle.h"

namespace bough::postgres {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kAdmin = "bough";
constexpr std::chrono::milliseconds kPoll(10);
constexpr std::chrono::seconds kStart(90);  // after a crash it replays its log first
constexpr std::chrono::seconds kGone(5);    // a killed server's process id lingers for a while
constexpr std::chrono::seconds kStop(120);  // its last checkpoint syncs every new file
constexpr long kLongLog = 16 << 20;
constexpr int kPortTries = 200;

bool free_port(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return free;
}

Result<int> choose_port(int from) {
  for (int port = from; port < from + kPortTries; ++port)
    if (free_port(port)) return port;
  return Error{Fault::unavailable, fmt::format("no port from {} on is free", from)};
}

bool locale_exists(const char* name) {
  const Handle<std::remove_pointer_t<locale_t>, freelocale> locale(
      newlocale(LC_ALL_MASK, name, nullptr));
  return locale != nullptr;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Waits until the process is gone; it may have become our child when its parent went.
bool gone_within(int pid, std::chrono::seconds limit) {
  const auto until = Clock::now() + limit;
  while (alive(pid)) {
    if (Clock::now() > until) return false;
    std::this_thread::sleep_for(kPoll);
  }
  waitpid(pid, nullptr, WNOHANG);
  return true;
}

Result<void> run_program(const Child& child) {
  auto ended = run(child);
  if (!ended) return ended.error();
  if (ended->status == 0) return {};
  return Error{Fault::broken,
               fmt::format("{} failed: {}", child.words.front(), last_lines(ended->output, 5))};
}

void remove_quietly(const std::string& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

}  // namespace

Cluster::Cluster(const std::string& folder, int version, std::optional<RunUser> user,
                 const Key& key)
    : folder_(folder),
      version_(version),
      user_(std::move(user)),
      key_(key),
      layout_(layout_of(folder, version, uid())) {}

unsigned Cluster::uid() const {
  return user_ ? user_->uid : geteuid();
}

bool Cluster::exists() const {
  return size_of(layout_.settings) > 0;
}

std::optional<int> Cluster::port() const {
  return port_in(read_small(layout_.settings));
}

ServerAccess Cluster::access() const {
  const std::string instance = fmt::format("dev-pg{}", version_);
  // The socket first, which needs no TCP; clients are given the loopback address, which every
  // driver understands and where TLS would protect nothing.
  const std::string url =
      fmt::format("postgresql://{}@/postgres?host={},127.0.0.1&port={}&sslmode=disable", kAdmin,
                  layout_.sockets, port().value_or(0));
  return {*InstanceName::parse(instance), url, key_.password(instance, kAdmin, 1), "",
          "", "", layout_.data};
}

std::optional<Lockfile> Cluster::process() const {
  const auto lockfile = read_lockfile(read_small(layout_.data + "/postmaster.pid"));
  return lockfile && ours(lockfile->pid) ? lockfile : std::nullopt;
}

/// The file may be stale or made up: the process must be the user's own and run in the cluster.
bool Cluster::ours(int pid) const {
  const std::string proc = fmt::format("/proc/{}", pid);
  struct stat status {};
  if (!alive(pid) || stat(proc.c_str(), &status) != 0 || status.st_uid != uid()) return false;
  std::error_code wrong;
  return fs::read_symlink(proc + "/cwd", wrong) == layout_.data;
}

std::optional<int> Cluster::ready() const {
  const auto found = process();
  return found && found->ready ? std::optional(found->pid) : std::nullopt;
}

Result<void> Cluster::answers() const {
  auto login = login_for(access());
  if (!login) return login.error();
  auto session = Session::open(*login);
  if (!session && session.error().fault == Fault::denied)
    return within("the installation key does not fit the dev server", session.error());
  if (!session) return session.error();
  auto rows = (*session)->run("SHOW data_directory;");
  if (!rows) return rows.error();
  if (rows->front().front() == layout_.data) return {};
  return Error{Fault::unavailable, fmt::format("another server has port {}", port().value_or(0))};
}

// In a folder of its own each time: what an interrupted creation left may still be at work in its.
Result<void> Cluster::create(const std::string& binaries) const {
  std::string fresh = layout_.fresh + "XXXXXX";
  if (mkdtemp(fresh.data()) == nullptr)
    return Error{Fault::broken, fmt::format("making folder {}: {}", fresh, std::strerror(errno))};
  auto filled = fill_in(binaries, fresh);
  if (!filled) {
    remove_quietly(fresh);
    return within(fmt::format("creating {}", layout_.home), filled.error());
  }
  if (rename(fresh.c_str(), layout_.home.c_str()) != 0)
    return Error{Fault::broken, fmt::format("creating {}: {}", layout_.home, std::strerror(errno))};
  return {};
}

void Cluster::remove_leftovers() const {
  std::error_code wrong;
  for (fs::directory_iterator entry(layout_.base, wrong), end; !wrong && entry != end;
       entry.increment(wrong))
    if (entry->path().string().starts_with(layout_.fresh)) remove_quietly(entry->path().string());
}

Result<void> Cluster::fill_in(const std::string& binaries, const std::string& fresh) const {
  const std::string data = fresh + "/data";
  if (auto made = make_folder(fresh, 0755, std::nullopt); !made) return made;
  if (auto made = make_folder(data, 0700, user_); !made) return made;
  if (auto made = run_initdb(binaries, data); !made) return made;
  if (auto closed = close_cluster(binaries, data); !closed) return closed;
  auto port = choose_port(preferred_port(folder_, version_));
  if (!port) return port.error();
  if (auto hba = write_file(fresh + "/hba", hba_text(), 0644); !hba) return hba;
  return write_file(fresh + "/settings", settings_text(layout_, *port, Listening::here), 0644);
}

Result<void> Cluster::run_initdb(const std::string& binaries, const std::string& data) const {
  const std::string locale = locale_exists("C.UTF-8") ? "C.UTF-8" : "C";
  // Nobody is let in by the configuration that initdb writes; the server is given another one.
  const std::vector<std::string> words{
      binaries + "/initdb", "-D", data, "-U", std::string(kAdmin), "--auth=reject", "-E", "UTF8",
      "--locale=" + locale};
  auto made = run_program({words, "/", "", user_});
  if (made) return {};
  return within(fmt::format("as user {}, who must be able to reach {}",
                            user_ ? user_->name : std::to_string(uid()), folder_),
                made.error());
}

/// Sets the admin's password and closes the databases that are there to everybody else (a new
/// database takes nothing of that over), before anybody can connect.
Result<void> Cluster::close_cluster(const std::string& binaries, const std::string& data) const {
  // initdb itself cannot be given a verifier: up to version 13 it cuts passwords at 99 bytes.
  const std::string statements = fmt::format(
      "ALTER ROLE {} PASSWORD {};\n"
      "REVOKE ALL ON DATABASE postgres FROM PUBLIC;\n"
      "REVOKE ALL ON DATABASE template1 FROM PUBLIC;\n",
      identifier(kAdmin), literal(scram_verifier(*access().password)));
  return run_program({{binaries + "/postgres", "--single", "-c", "exit_on_error=on", "-c",
                       "log_min_error_statement=panic", "-D", data, "postgres"},
                      "/",
                      statements,
                      user_});
}

Result<void> Cluster::start(const std::string& binaries) const {
  if (auto made = make_folder(layout_.sockets, 0700, user_); !made) return made;
  const auto gone = Clock::now() + kGone;
  for (int tries = 0; tries < kPortTries; ++tries) {
    auto outcome = try_start(binaries);
    if (!outcome) return outcome.error();
    if (*outcome == Outcome::up) return answers();
    if (*outcome == Outcome::not_gone_yet && Clock::now() > gone) break;
  }
  return Error{Fault::unavailable, fmt::format("the dev server does not start; its log ends: {}",
                                               last_lines(read_small(layout_.log), 5))};
}

Result<Cluster::Outcome> Cluster::try_start(const std::string& binaries) const {
  if (auto settled = settle_port(); !settled) return settled.error();
  if (size_of(layout_.log) > kLongLog) rename(layout_.log.c_str(), (layout_.log + ".old").c_str());
  auto log = Appending::open(layout_.log);
  if (!log) return log.error();
  const long before = size_of(layout_.log);
  auto pid = postgres::start(
      {{binaries + "/postgres", "-D", layout_.data, "-c", "config_file=" + layout_.settings},
       "/",
       "",
       user_},
      log->fd());
  if (!pid) return pid.error();
  return await(*pid, before);
}

Result<void> Cluster::settle_port() const {
  const int stored = port().value_or(preferred_port(folder_, version_));
  auto free = choose_port(stored);
  if (!free) return free.error();
  const Listening listening = trusted().empty() ? Listening::here : Listening::everywhere;
  return write_file(layout_.settings, settings_text(layout_, *free, listening), 0644);
}

/// Waits until the server accepts connections or is gone.
Result<Cluster::Outcome> Cluster::await(int pid, long log_before) const {
  const auto until = Clock::now() + kStart;
  while (Clock::now() < until) {
    if (const auto found = ready(); found == pid) return Outcome::up;
    if (!alive(pid)) {
      const std::string said = read_small(layout_.log, log_before);
      if (contains(said, "Address already in use")) return Outcome::port_taken;
      if (contains(said, "lock file") || contains(said, "pre-existing shared memory"))
        return Outcome::not_gone_yet;
      return Error{Fault::unavailable, "the dev server does not start: " + last_lines(said, 5)};
    }
    std::this_thread::sleep_for(kPoll);
  }
  return Error{Fault::unavailable, "the dev server takes too long to start; see " + layout_.log};
}

Result<void> Cluster::stop() const {
  const auto found = process();
  if (!found) return {};
  kill(found->pid, SIGINT);
  bool gone = gone_within(found->pid, kStop);
  if (!gone) kill(found->pid, SIGQUIT);
  gone = gone || gone_within(found->pid, kGone);
  rmdir(layout_.sockets.c_str());  // succeeds for the last server only, which is what is wanted
  if (gone) return {};
  return Error{Fault::unavailable, fmt::format("dev server process {} does not end", found->pid)};
}

}  // namespace bough::postgres
