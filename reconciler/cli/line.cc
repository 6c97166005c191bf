#include <CLI/CLI.hpp>

#include "reconciler/cli/line.h"

namespace bough::cli {

CLI::App* command(Line& line, CLI::App& to, const char* name, const char* does, const char* example,
                  std::function<int()> run) {
  CLI::App* added = to.add_subcommand(name, does);
  added->footer(std::string("Example:\n  ") + example);
  added->fallthrough();
  added->callback([&line, run = std::move(run)] { line.run = run; });
  return added;
}

CLI::App* command(Line& line, const char* name, const char* does, const char* example,
                  std::function<int()> run) {
  return command(line, line.app, name, does, example, std::move(run));
}

void add_target(CLI::App* to, Target& target, const std::string& repository) {
  to->add_option("repository", target.repository, "a repository of bough.yaml; default: all")
      ->required(!repository.starts_with('['))
      ->option_text(repository);
  to->add_option("--branch,-b", target.branches, "only this branch (may be repeated)")
      ->allow_extra_args(false)
      ->option_text("BRANCH");
}

}  // namespace bough::cli
