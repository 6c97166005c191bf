#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "reconciler/runner/process.h"

// What it takes to run one command that does nothing: bare, under bough's launcher, in the sandbox
// with the machine's network, and in the sandbox with a private one. Everybody in turn in each
// round.
namespace {

using namespace bough;

constexpr int rounds = 51;

[[noreturn]] void give_up(const std::string& reason) {
  std::fprintf(stderr, "bough_sandbox_bench: %s\n", reason.c_str());
  std::exit(1);
}

void bare() {
  char shell[] = "/bin/sh";
  char option[] = "-c";
  char command[] = ":";
  char* words[] = {shell, option, command, nullptr};
  pid_t child = 0;
  int status = 1;
  if (posix_spawn(&child, shell, nullptr, nullptr, words, environ) != 0) give_up("posix_spawn");
  if (waitpid(child, &status, 0) != child || status != 0) give_up("the shell failed");
}

void run(const std::string& root, Sandbox sandbox, const Network& network) {
  ProcessRequest request;
  request.command = ":";
  request.root = root;
  request.sandbox = sandbox;
  request.network = network;
  const auto outcome = run_process(request, {}, {});
  if (!outcome) give_up(outcome.error().message);
  if (outcome->exit_code != 0) give_up(outcome->note);
}

struct Contestant {
  const char* name;
  std::function<void()> act;
  std::vector<double> took{};  ///< milliseconds
};

double timed(const std::function<void()>& act) {
  const auto started = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started)
      .count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main() {
  auto folder = (std::filesystem::temp_directory_path() / "bough-sandbox-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) give_up("no folder");
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  Contestant all[] = {
      {"posix_spawn of sh", bare},
      {"launcher, no sandbox", [&] { run(folder, Sandbox::off, {}); }},
      {"sandbox, shared network", [&] { run(folder, Sandbox::required, SharedNetwork{}); }},
      {"sandbox, no network", [&] { run(folder, Sandbox::required, OnlyServers{}); }},
      {"sandbox, one server", [&] {
         run(folder, Sandbox::required, OnlyServers{{{"127.0.0.1", 5432}}});
       }}};
  for (auto& one : all) one.act();
  for (int round = 0; round < rounds; ++round)
    for (auto& one : all) one.took.push_back(timed(one.act));
  std::filesystem::remove_all(folder);
  const double floor = median(all[0].took);
  std::printf("| one command, median of %d | ms | / posix_spawn |\n|---|---|---|\n", rounds);
  for (const auto& one : all)
    std::printf("| %s | %.2f | %.1f |\n", one.name, median(one.took), median(one.took) / floor);
  return 0;
}
