#include "git/testing.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

extern char** environ;

namespace bough::testing {
namespace {

namespace fs = std::filesystem;

/// Git commands of the tests read no configuration of the host; the worker is the built program.
[[maybe_unused]] const bool kPrepared = [] {
  setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
  setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
  setenv("BOUGH_WORKER", BOUGH_BINARY, 0);
  return true;
}();

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int bound_socket(int& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) std::abort();
  port = ntohs(address.sin_port);
  return fd;
}

bool answers(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool ok = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return ok;
}

std::string block(std::string_view text) {
  return "data " + std::to_string(text.size()) + "\n" + std::string(text) + "\n";
}

}  // namespace

TempFolder::TempFolder() {
  std::string pattern = (fs::temp_directory_path() / "bough-git-XXXXXX").string();
  if (!mkdtemp(pattern.data())) std::abort();
  chmod(pattern.c_str(), 0755);
  path_ = pattern;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TempFolder::path(std::string_view name) const {
  return name.empty() ? path_ : path_ + "/" + std::string(name);
}

std::string shell(const std::string& script) {
  FILE* pipe = popen(script.c_str(), "re");
  std::string output;
  std::array<char, 4096> part{};
  for (std::size_t got = 0; (got = fread(part.data(), 1, part.size(), pipe)) > 0;)
    output.append(part.data(), got);
  EXPECT_EQ(pclose(pipe), 0) << script;
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

void write_file(const std::string& path, std::string_view text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Origin::Origin(std::string folder) : folder_(std::move(folder)) {
  shell("git init -q --bare -b main '" + folder_ + "'");
}

std::string Origin::git(const std::string& arguments) const {
  return shell("git --git-dir='" + folder_ + "' " + arguments);
}

void Origin::import(const std::string& stream) {
  write_file(folder_ + "/import", stream);
  git("fast-import --quiet --force < '" + folder_ + "/import'");
}

Commit Origin::commit(const std::string& branch, const std::string& text, const std::string& base) {
  const std::string ref = "refs/heads/" + branch;
  const std::string from = base.empty() ? ref : base;
  const bool exists =
      !base.empty() || !git("for-each-ref --format='%(refname)' '" + ref + "'").empty();
  import("commit " + ref + "\ncommitter t <t@t> " + std::to_string(++clock_) + " +0000\n" +
         block("change") + (exists ? "from " + from + "^0\n" : "") + "M 100644 inline app.yaml\n" +
         block(text));
  return tip(branch);
}

Commit Origin::tree(const std::string& branch, const std::vector<Entry>& entries) {
  std::string stream = "commit refs/heads/" + branch + "\ncommitter t <t@t> " +
                       std::to_string(++clock_) + " +0000\n" + block("tree") + "deleteall\n";
  for (const Entry& entry : entries)
    stream += entry.mode == "160000"
                  ? "M 160000 " + entry.content + " " + entry.path + "\n"
                  : "M " + entry.mode + " inline " + entry.path + "\n" + block(entry.content);
  import(stream);
  return tip(branch);
}

std::string thousand_branches() {
  std::string stream;
  const auto commit = [&](const std::string& name, const std::string& from, int day) {
    stream += "commit refs/heads/" + name + "\nmark :" + std::to_string(day + 1) +
              "\ncommitter t <t@t> " + std::to_string(1'600'000'000 + day * 86'400) +
              " +0000\ndata 1\nx\n";
    if (!from.empty()) stream += "from " + from + "\n";
    const std::string text = "name: app # " + name + " " + std::to_string(day);
    for (const char* file : {"app.yaml", "src/a.txt", "src/deep/b.txt"})
      stream += std::string("M 100644 inline ") + file + "\ndata " + std::to_string(text.size()) +
                "\n" + text + "\n";
  };
  for (int i = 0; i < 30; ++i) commit("main", "", i);
  for (int i = 0; i < 1000; ++i)
    commit("feature/" + std::to_string(i), ":" + std::to_string(10 + i % 20), 30 + i);
  for (int i = 0; i < 200; ++i) commit("main", "", 1100 + i);
  for (int i = 0; i < 100; ++i) commit("feature/3", "", 1300 + i);
  return stream;
}

void Origin::remove(const std::string& branch) {
  git("update-ref -d 'refs/heads/" + branch + "'");
}

Commit Origin::tip(const std::string& branch) const {
  return commit_id(git("rev-parse 'refs/heads/" + branch + "'"));
}

Server::Server(const std::vector<std::string>& arguments, int port) {
  start(arguments);
  await([port] { return answers(port); });
}

Server::Server(const std::vector<std::string>& arguments, const std::string& socket) {
  start(arguments);
  await([&socket] { return fs::exists(socket); });
}

void Server::start(const std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments)
    pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  if (posix_spawnp(&pid_, pointers[0], &quiet, &attributes, pointers.data(), environ) != 0)
    pid_ = -1;
  posix_spawn_file_actions_destroy(&quiet);
  posix_spawnattr_destroy(&attributes);
}

void Server::await(const std::function<bool()>& ready) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (pid_ > 0 && !ready()) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
    if (std::chrono::steady_clock::now() > end) break;
    std::this_thread::yield();
  }
  EXPECT_GT(pid_, 0) << "a server did not start";
}

Server::~Server() {
  if (pid_ <= 0) return;
  kill(-pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

int free_port() {
  int port = 0;
  close(bound_socket(port));
  return port;
}

BlackHole::BlackHole() : socket_(bound_socket(port_)) {
  listen(socket_, 16);
}
BlackHole::~BlackHole() {
  close(socket_);
}

void BlackHole::await_client() const {
  pollfd waiting{socket_, POLLIN, 0};
  ASSERT_EQ(poll(&waiting, 1, 30'000), 1) << "nobody connected";
}

std::vector<pid_t> workers() {
  std::vector<pid_t> found;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    std::ifstream children(task.path() / "children");
    for (pid_t pid = 0; children >> pid;)
      if (text_of_file("/proc/" + std::to_string(pid) + "/cmdline").find("__git") !=
          std::string::npos)
        found.push_back(pid);
  }
  return found;
}

Remote remote_at(const std::string& url) {
  return Remote{url, "", std::nullopt, "", "", ""};
}

Mirror open_mirror(const std::string& folder, const Remote& remote) {
  auto mirror = Mirror::open(folder, remote);
  if (!mirror) ADD_FAILURE() << mirror.error().message;
  return *std::move(mirror);
}

BranchName branch(std::string_view text) {
  return *BranchName::parse(text);
}
Commit commit_id(std::string_view text) {
  return *Commit::parse(text);
}

Listing fetched(Mirror& mirror) {
  auto listing = mirror.fetch(kPatience);
  if (!listing) ADD_FAILURE() << listing.error().message;
  return listing ? *std::move(listing) : Listing{};
}

Fetched fetched_raw(const std::string& folder, const Remote& remote) {
  auto reply = fetch_in_worker({folder, remote, kPatience});
  if (auto* failure = std::get_if<FetchFailure>(&reply)) {
    ADD_FAILURE() << failure->error.message;
    return {};
  }
  return std::get<Fetched>(std::move(reply));
}

Error fetch_error(Mirror& mirror, std::chrono::milliseconds limit) {
  auto listing = mirror.fetch(limit);
  EXPECT_FALSE(listing) << "the fetch should fail";
  return listing ? Error{Fault::broken, "no error"} : listing.error();
}

std::string app_yaml(const Mirror& mirror, const Listing& listing, const std::string& name) {
  const auto found = listing.branches.find(branch(name));
  if (found == listing.branches.end()) return "(no branch)";
  auto blob = mirror.read(found->second, "app.yaml", 1 << 20);
  if (!blob) return "(error: " + blob.error().message + ")";
  return *blob ? (*blob)->text : "(none)";
}

}  // namespace bough::testing
