#include <cstdlib>
#include <string>

#include "tests/bench/scenarios.h"
#include "tests/bench/spawn.h"

namespace {

/// `--name value` pairs.
std::string argument(int argc, char** argv, const std::string& name) {
  for (int i = 1; i + 1 < argc; i += 2)
    if (argv[i] == "--" + name) return argv[i + 1];
  bough::bench::give_up("--" + name + " is missing; run.sh gives all arguments");
}

}  // namespace

int main(int argc, char** argv) {
  using namespace bough::bench;
  const auto given = [&](const char* name) { return argument(argc, argv, name); };
  const Ground ground{given("folder"), given("psql"), std::stoi(given("port")),
                      std::stoi(given("git-port")), given("password")};
  const int wide = std::stoi(given("wide"));
  {
    Lineup lineup(ground);
    one_branch(lineup, {11, std::chrono::seconds(30)});
    fifty_branches(lineup, {5, std::chrono::seconds(90)});
  }
  if (wide > 0) wide_repository(ground, wide);
  return 0;
}
