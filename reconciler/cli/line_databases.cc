#include <CLI/CLI.hpp>

#include "reconciler/cli/line.h"

namespace bough::cli {
namespace {

void add_move(Line& line, const char* name, const char* does, const char* example,
              int (*act)(const Globals&, const MoveArguments&)) {
  CLI::App* to =
      command(line, name, does, example, [&line, act] { return act(line.globals, line.move); });
  to->add_option("repository", line.move.repository)->required()->option_text("REPO");
  to->add_option("--branch,-b", line.move.branch, "of this branch; default: production's")
      ->option_text("BRANCH");
  to->add_option("--database,-d", line.move.database, "only this one of the app; default: all")
      ->option_text("NAME");
  CLI::Option* where = to->add_option("--to", line.move.to, "a version such as 16, or an instance");
  where->option_text("VERSION|INSTANCE");
  to->add_flag("--undo", line.move.undo, "back again, while what was left is kept")
      ->excludes(where);
}

}  // namespace

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
  CLI::App* rotate = command(line, "rotate", "Give a database's login a new password",
                             "bough rotate shop --branch feature/login",
                             [&] { return cli::rotate(line.globals, line.rotate); });
  add_target(rotate, line.rotate.target, "REPO");
  rotate->add_option("--component", line.rotate.component, "only this database of the spec")
      ->option_text("NAME");
  CLI::App* refresh = command(
      line, "refresh", "Copy production anew for databases of branches to come",
      "bough refresh shop", [&] { return cli::refresh(line.globals, line.target.repository); });
  refresh->add_option("repository", line.target.repository, "the repository")
      ->required()
      ->option_text("REPO");
  CLI::App* destroy =
      command(line, "destroy", "Drop one database and its role for ever",
              "bough destroy shop --branch feature/login --confirm shop--feature-login-ab2c3d4e5f",
              [&] { return cli::destroy(line.globals, line.destroy); });
  add_target(destroy, line.destroy.target, "REPO");
  destroy->add_option("--confirm", line.destroy.confirm, "the database's name, typed out")
      ->required()
      ->option_text("NAME");
  destroy->add_option("--instance", line.destroy.instance, "where it is, if several have the name")
      ->option_text("INSTANCE");
  add_move(line, "upgrade", "Move databases of a dev instance to a newer version",
           "bough upgrade shop --to 16", upgrade);
  add_move(line, "promote", "Move databases of a dev instance to a linked one",
           "bough promote shop --to main-pg", promote);
}

}  // namespace bough::cli
