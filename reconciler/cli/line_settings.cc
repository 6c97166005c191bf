#include <CLI/CLI.hpp>

#include "reconciler/cli/line.h"

namespace bough::cli {
namespace {

void add_password(CLI::App* to, SecretArguments& password) {
  CLI::Option* file = to->add_option("--password-file", password.file, "a file that holds it");
  file->option_text("FILE");
  to->add_option("--password-env", password.variable, "a variable that holds it")
      ->option_text("NAME")
      ->excludes(file);
}

void add_repo(Line& line) {
  CLI::App* repo = line.app.add_subcommand("repo", "Watch a repository, or no longer");
  repo->require_subcommand(1);
  repo->footer("Example:\n  bough repo add shop https://git.example.com/team/shop.git");
  repo->fallthrough();
  CLI::App* add = command(line, *repo, "add", "Watch a repository",
                          "bough repo add shop https://git.example.com/team/shop.git",
                          [&] { return add_repository(line.globals, line.repo); });
  RepoArguments& to = line.repo;
  add->add_option("name", to.name)->required()->option_text("NAME");
  add->add_option("url", to.url)->required()->option_text("URL");
  add->add_option("--username", to.username)->option_text("NAME");
  add_password(add, to.password);
  add->add_option("--ssh-key", to.ssh_key)->option_text("FILE");
  add->add_option("--known-hosts", to.known_hosts)->option_text("FILE");
  add->add_option("--ca-cert", to.ca_cert)->option_text("FILE");
  add->add_option("--production-branch", to.production_branch, "default: the remote's HEAD")
      ->option_text("BRANCH");
  add->add_option("--spec", to.spec, "default: app.yaml, else .do/app.yaml")->option_text("PATH");
  add->add_option("--include", to.include, "only these branches")
      ->allow_extra_args(false)
      ->option_text("GLOB");
  add->add_option("--exclude", to.exclude, "not these branches")
      ->allow_extra_args(false)
      ->option_text("GLOB");
  add->add_option("--build-command", to.build_command)->option_text("COMMAND");
  CLI::App* remove =
      command(line, *repo, "remove", "Watch it no longer; its databases stay",
              "bough repo remove shop", [&] { return remove_repository(line.globals, line.name); });
  remove->add_option("name", line.name)->required()->option_text("NAME");
}

}  // namespace

void add_settings(Line& line) {
  add_repo(line);
  CLI::App* link = command(line, "link", "Let bough use a database server, once it was tried",
                           "bough link main-pg postgresql://bough@db.example.com/postgres "
                           "--password-file pg-password",
                           [&] { return cli::link(line.globals, line.link); });
  link->add_option("name", line.link.name)->required()->option_text("NAME");
  link->add_option("url", line.link.url, "or \"host=… port=… user=… dbname=… sslmode=…\"")
      ->required()
      ->option_text("URL");
  link->add_option("--engine", line.link.engine)->option_text("ENGINE");
  add_password(link, line.link.password);
  link->add_option("--ca-cert", line.link.ca_cert)->option_text("FILE");
  link->add_flag("--untried", line.link.untried, "do not connect first");
  CLI::App* unlink =
      command(line, "unlink", "Use it no longer; its databases stay", "bough unlink main-pg",
              [&] { return cli::unlink(line.globals, line.name); });
  unlink->add_option("name", line.name)->required()->option_text("NAME");
  CLI::App* assign = command(line, "assign", "Put a repository's databases on an instance",
                             "bough assign shop main-pg --migration-command 'npm run migrate'",
                             [&] { return cli::assign(line.globals, line.assign); });
  assign->add_option("repository", line.assign.repository)->required()->option_text("REPO");
  assign->add_option("instance", line.assign.instance)->required()->option_text("INSTANCE");
  assign->add_option("--migration-command", line.assign.migration_command)->option_text("COMMAND");
  CLI::App* unassign =
      command(line, "unassign", "Undo an assignment; the databases stay", "bough unassign shop",
              [&] { return cli::unassign(line.globals, line.name); });
  unassign->add_option("repository", line.name)->required()->option_text("REPO");
  command(line, "export", "The configuration in force, as a bough.yaml",
          "bough export > bough.yaml", [&] { return export_config(line.globals); });
}

}  // namespace bough::cli
