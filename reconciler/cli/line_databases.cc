#include <CLI/CLI.hpp>

#include "reconciler/cli/line.h"

namespace bough::cli {

void add_databases(Line& line) {
  using Act = int (*)(const Globals&, const Target&);
  const auto add = [&](const char* name, const char* does, const char* example, Act act) {
    add_target(
        command(line, name, does, example, [&line, act] { return act(line.globals, line.target); }),
        line.target);
  };
  add("retry", "Try failed builds, migrations and creations again",
      "bough retry shop --branch feature/login", retry);
  add("suspend", "Withdraw the login of an environment's databases; keep the data",
      "bough suspend shop --branch feature/login", suspend);
  add("resume", "Give a suspended or held database its login back",
      "bough resume shop --branch feature/login", resume);
  CLI::App* destroy =
      command(line, "destroy", "Drop one database and its role for ever",
              "bough destroy shop --branch feature/login --confirm shop--feature-login-ab2c3d4e5f",
              [&] { return cli::destroy(line.globals, line.destroy); });
  add_target(destroy, line.destroy.target, "REPO");
  destroy->add_option("--confirm", line.destroy.confirm, "the database's name, typed out")
      ->required()
      ->option_text("NAME");
}

}  // namespace bough::cli
