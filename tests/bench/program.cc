#include "tests/bench/program.h"

#include <cstdlib>

#include "tests/bench/spawn.h"

namespace bough::bench {

Peer::Peer(const Ground& ground, const std::string& app) : Contestant(ground, app) {
  catch_up({});
}

void Peer::catch_up(const Branches& pushed) {
  const Ground& ground = project().ground();
  const std::string folder = project().folder();
  const std::string programs = ground.psql.substr(0, ground.psql.rfind('/'));
  Call call{{BENCH_FOLDER "/peer.sh", project().url(), folder + "/mirror.git", project().app()},
            "",
            {{"PATH", programs + ":" + std::getenv("PATH")},
             {"PGHOST", "127.0.0.1"},
             {"PGPORT", std::to_string(ground.port)},
             {"PGUSER", "postgres"},
             {"PGPASSWORD", ground.password},
             {"PGSSLMODE", "disable"},
             {"BRANCH_PASSWORD", "a-password-of-32-characters-here"}}};
  // CI knows which branch was pushed; for more than one it is a loop over all.
  if (pushed.size() == 1) call.arguments.push_back(pushed.front());
  run(call);
}

CommandLine::CommandLine(const Ground& ground, const std::string& app) : Contestant(ground, app) {
  configure(project(), {});
  catch_up({});
}

void CommandLine::catch_up(const Branches&) {
  run({{BOUGH_BINARY, "--config", project().folder() + "/bough.yaml", "apply", "--yes"}});
}

}  // namespace bough::bench
