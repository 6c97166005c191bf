#include "reconciler/runner/sandbox.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <sstream>

#include "reconciler/runner/inside.h"
#include "reconciler/runner/output.h"
#include "reconciler/runner/tree.h"

namespace bough::runner {
namespace {

namespace fs = std::filesystem;

// The size of the smaller folders in memory; /tmp may take as much as the command's limit.
constexpr const char* small = "268435456";

// The kernel counts threads, too, and makes starting one fail. Beyond the number of processes
// itself the supervisor ends the command, which must be able to get there for that.
constexpr int threads_of_a_process = 4;

// bubblewrap's options; each ends with a NUL, as `--args` wants them.
class Options {
 public:
  template <typename... Words>
  void add(const Words&... words) {
    (text_.append(words).push_back('\0'), ...);
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

// Of /etc only what programs need to run: the rest may hold passwords, bough's own among them.
constexpr const char* shown_of_etc[] = {"alternatives",
                                        "ca-certificates",
                                        "ca-certificates.conf",
                                        "crypto-policies",
                                        "fonts",
                                        "gai.conf",
                                        "group",
                                        "host.conf",
                                        "hosts",
                                        "java-11-openjdk",
                                        "java-17-openjdk",
                                        "java-21-openjdk",
                                        "ld.so.cache",
                                        "ld.so.conf",
                                        "ld.so.conf.d",
                                        "locale.alias",
                                        "localtime",
                                        "magic",
                                        "mime.types",
                                        "netconfig",
                                        "nsswitch.conf",
                                        "os-release",
                                        "passwd",
                                        "perl",
                                        "pki",
                                        "postgresql-common",
                                        "protocols",
                                        "python3",
                                        "resolv.conf",
                                        "services",
                                        "shells",
                                        "terminfo",
                                        "timezone",
                                        "xml"};

void show_system(Options& options) {
  options.add("--ro-bind", "/usr", "/usr", "--ro-bind-try", "/opt", "/opt");
  for (const auto* name : {"bin", "sbin", "lib", "lib32", "lib64", "libx32"}) {
    const auto path = fs::path("/") / name;
    std::error_code error;
    const auto target = fs::read_symlink(path, error);
    if (!error) options.add("--symlink", target.string(), path.string());
    if (error && fs::exists(path)) options.add("--ro-bind", path.string(), path.string());
  }
  for (const auto* name : shown_of_etc) {
    const auto path = std::string("/etc/") + name;
    options.add("--ro-bind-try", path, path);
  }
  // Where certificates are, but not the keys beside them.
  for (const auto* name : {"cert.pem", "certs", "openssl.cnf"}) {
    const auto path = std::string("/etc/ssl/") + name;
    options.add("--ro-bind-try", path, path);
  }
}

void isolate(Options& options, const CommandLimits& limits) {
  const auto large = std::to_string(limits.memory);
  options.add("--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc",
              "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session",
              "--json-status-fd", "4");
  show_system(options);
  options.add("--proc", "/proc", "--dev", "/dev", "--size", small, "--tmpfs", "/dev/shm",
              "--remount-ro", "/dev", "--size", large, "--tmpfs", "/tmp", "--size", small,
              "--tmpfs", "/var/tmp", "--dir", "/home", "--dir", "/root", "--dir", "/run");
}

// bough's own folder may lie where all programs are shown: then what surrounds the checkout is
// hidden up to the folder that is the system's.
void hide_surroundings(Options& options, const std::string& root) {
  for (const std::string shown : {"/opt/", "/usr/local/", "/usr/share/", "/usr/lib/", "/usr/"}) {
    if (root.rfind(shown, 0) != 0) continue;
    options.add("--tmpfs", root.substr(0, root.find('/', shown.size())));
    return;
  }
}

// What the operator keeps beside programs, such as secrets in /usr/local/etc.
void hide(Options& options, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    std::error_code missing;
    const fs::path real = fs::canonical(path, missing);
    const std::string at = real.string();
    if (missing || (at.rfind("/usr/", 0) != 0 && at.rfind("/opt/", 0) != 0)) continue;
    if (fs::is_directory(real, missing))
      options.add("--tmpfs", at);
    else
      options.add("--ro-bind", "/dev/null", at);
  }
}

void show_route(Options& options, const Route& route) {
  options.add("--ro-bind-data", "5", "/etc/hosts");
  for (const auto& socket : route.sockets) options.add("--ro-bind", socket, socket);
}

void show_checkout(Options& options, const Room& room) {
  hide_surroundings(options, room.root);
  options.add("--bind", room.root, "/checkout");
  for (const auto& socket : room.sockets) options.add("--ro-bind", socket, socket);
  options.add("--remount-ro", "/", "--chdir",
              room.folder.empty() ? "/checkout" : "/checkout/" + room.folder);
}

// Never in the environment of bubblewrap itself, where a branch's LD_PRELOAD would act outside.
void give_variables(Options& options, const std::map<std::string, std::string>& variables) {
  options.add("--clearenv", "--dir", "/tmp/home");
  for (const auto& [name, value] : variables) options.add("--setenv", name, value);
}

Bounds bounds_of(const ProcessRequest& request, const Room& room) {
  const auto& limits = request.limits;
  return {limits.memory, limits.processes, limits.files, limits.disk, room.root};
}

Launch under(const std::string& bubblewrap, Options options, const ProcessRequest& request) {
  Launch launch;
  launch.arguments = {bubblewrap, "--args", "3", "--", "/proc/self/fd/6"};
  const auto most = request.limits.processes * threads_of_a_process;
  for (auto& word : inside_arguments(most, request.command)) {
    launch.arguments.push_back(std::move(word));
  }
  launch.options = std::move(options).text();
  return launch;
}

std::optional<std::string> program_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path).append(":/usr/bin:/bin"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    auto program = (fs::path(folder) / name).string();
    if (folder.rfind('/', 0) == 0 && access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

Error does_not_work(const std::string& said, const std::optional<Ending>& ending) {
  const auto* failed = ending ? std::get_if<NotStarted>(&*ending) : nullptr;
  if (!said.empty()) return {Fault::unavailable, said};
  return {Fault::unavailable, failed != nullptr ? failed->reason : "bubblewrap gave no answer"};
}

Result<void> run_trial(Launch launch) {
  auto tree = Tree::start(std::move(launch));
  if (!tree) return tree.error();
  std::string said;
  OutputLines lines({}, [&](std::string_view line) { said = line; });
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while ((*tree)->pump(std::chrono::milliseconds(100), [&](auto bytes) { lines.feed(bytes); })) {
    if (std::chrono::steady_clock::now() > patience) (*tree)->stop();
  }
  lines.finish();
  const auto ending = (*tree)->ending();
  if (ending == Ending(Exited{0})) return {};
  return does_not_work(said, ending);
}

Result<std::string> tried(const std::optional<RunUser>& user) {
  const auto bubblewrap = program_in_path("bwrap");
  if (!bubblewrap) return Error{Fault::unavailable, "bubblewrap (bwrap) is not installed"};
  Options options;
  isolate(options, {});
  give_variables(options, {});
  ProcessRequest nothing;
  nothing.command = ":";
  auto launch = under(*bubblewrap, std::move(options), nothing);
  launch.folder = "/";
  launch.user = user;
  launch.network.emplace();
  const auto trial = run_trial(std::move(launch));
  if (!trial) return trial.error();
  return *bubblewrap;
}

}  // namespace

Result<std::string> bubblewrap_for(const std::optional<RunUser>& user) {
  static std::mutex one_at_a_time;
  static std::map<unsigned, std::string> known;
  const std::lock_guard lock(one_at_a_time);
  const auto who = user ? user->uid : geteuid();
  if (const auto found = known.find(who); found != known.end()) return found->second;
  auto found = tried(user);
  if (found) known.emplace(who, *found);
  return found;
}

Launch sandboxed(const std::string& bubblewrap, const ProcessRequest& request, const Room& room,
                 const std::optional<Route>& route) {
  Options options;
  isolate(options, request.limits);
  hide(options, request.hidden);
  if (route) show_route(options, *route);
  show_checkout(options, room);
  give_variables(options, environment_of(request, room, "/tmp/home"));
  auto launch = under(bubblewrap, std::move(options), request);
  launch.bounds = bounds_of(request, room);
  // Entered from outside too, so that an unreachable checkout is reported as just that.
  launch.folder = room.root;
  launch.user = room.user;
  if (!route) return launch;
  launch.hosts = route->hosts;
  launch.network = route->network;
  return launch;
}

Launch unsandboxed(const ProcessRequest& request, const Room& room, const std::string& home) {
  Launch launch;
  launch.arguments = {"/bin/sh", "-c", request.command};
  launch.bounds = bounds_of(request, room);
  auto environment = environment_of(request, room, home);
  environment.try_emplace("TMPDIR", home);
  for (const auto& [name, value] : environment) {
    launch.environment.push_back(std::string(name).append("=").append(value));
  }
  launch.folder = (fs::path(room.root) / room.folder).string();
  launch.home = home;
  launch.user = room.user;
  return launch;
}

}  // namespace bough::runner
