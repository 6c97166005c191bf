#include "tests/bench/spawn.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace {

std::atomic<long> started = 0;

template <typename Function>
Function next_one(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// Every way to start a program is counted by standing in front of libc's.
extern "C" {
int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const arguments[], char* const env[]) {
  ++started;
  static const auto original = next_one<decltype(&posix_spawn)>("posix_spawn");
  return original(pid, path, actions, attributes, arguments, env);
}
int posix_spawnp(pid_t* pid, const char* file, const posix_spawn_file_actions_t* actions,
                 const posix_spawnattr_t* attributes, char* const arguments[], char* const env[]) {
  ++started;
  static const auto original = next_one<decltype(&posix_spawnp)>("posix_spawnp");
  return original(pid, file, actions, attributes, arguments, env);
}
pid_t fork() {
  ++started;
  static const auto original = next_one<decltype(&fork)>("fork");
  return original();
}
}

namespace bough::bench {
namespace {

constexpr const char* kOutput = "last-output";

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text = *entry;
    if (!variables.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : variables)
    result.push_back(std::string(name).append("=").append(value));
  return result;
}

void describe(posix_spawn_file_actions_t& actions, const Call& call) {
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(
      &actions, 0, call.input.empty() ? "/dev/null" : call.input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, kOutput, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  if (!call.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, call.folder.c_str());
}

}  // namespace

void give_up(const std::string& reason) {
  std::fprintf(stderr, "bough_bench: %s\n", reason.c_str());
  std::fflush(nullptr);
  std::_Exit(1);
}

void run(const Call& call) {
  std::vector<std::string> arguments = call.arguments;
  std::vector<std::string> variables = environment_with(call.variables);
  posix_spawn_file_actions_t actions;
  describe(actions, call);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, arguments[0].c_str(), &actions, nullptr,
                                  pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) give_up(arguments[0] + ": " + std::strerror(failed));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) give_up(arguments[0] + " failed; its output is in " + kOutput);
}

long programs_started() {
  return started;
}

}  // namespace bough::bench
