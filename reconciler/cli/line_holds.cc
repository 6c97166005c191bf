#include <CLI/CLI.hpp>

#include "reconciler/cli/line.h"

namespace bough::cli {
namespace {

void add_adopt(Line& line) {
  CLI::App* adopt = command(line, "adopt", "Take an existing database under bough's mark, as it is",
                            "bough adopt shop --database shop_live",
                            [&] { return cli::adopt(line.globals, line.adopt); });
  AdoptArguments& to = line.adopt;
  add_target(adopt, to.target, "REPO");
  adopt->add_option("--database", to.database, "its name")->required()->option_text("NAME");
  adopt->add_option("--component,-c", to.component, "its entry of app.yaml, if there are several");
  adopt->add_option("--instance", to.instance, "the instance that it is on")
      ->option_text("INSTANCE");
  adopt->add_flag("--reown", to.reown, "what is in it changes its owner");
  adopt->add_flag("--dry-run", to.dry_run, "only show what would be done");
  adopt->add_flag("--yes,-y", to.yes, "do not ask");
}

}  // namespace

void add_holds(Line& line) {
  CLI::App* list = command(line, "dumps", "What can be restored: held databases, and dumps",
                           "bough dumps shop", [&] { return dumps(line.globals, line.target); });
  list->add_option("repository", line.target.repository)->required()->option_text("REPO");
  CLI::App* restore = command(line, "restore", "Bring a branch's database back",
                              "bough restore shop --branch feature/login",
                              [&] { return cli::restore(line.globals, line.restore); });
  add_target(restore, line.restore.target, "REPO");
  restore->add_option("--dump", line.restore.dump, "from this dump")->option_text("ID");
  restore->add_option("--aside", line.restore.aside, "this database that was set aside")
      ->option_text("NAME");
  restore->add_option("--component,-c", line.restore.component, "only this entry of app.yaml");
  restore->add_flag("--list", line.restore.list, "show what can be restored");
  CLI::App* confirm =
      command(line, "confirm", "Let holds end that wait for a person", "bough confirm shop",
              [&] { return cli::confirm(line.globals, line.target); });
  add_target(confirm, line.target, "REPO");
  CLI::App* reset = command(line, "reset", "Make a branch's database anew; set the old one aside",
                            "bough reset shop --branch feature/login",
                            [&] { return cli::reset(line.globals, line.reset); });
  add_target(reset, line.reset.target, "REPO");
  reset->add_option("--component,-c", line.reset.component, "only this entry of app.yaml");
  add_adopt(line);
}

}  // namespace bough::cli
