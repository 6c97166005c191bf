#include <CLI/CLI.hpp>
#include <string_view>

#include "git/mirror.h"
#include "reconciler/cli/line.h"

namespace bough::cli {
namespace {

void add_specs(Line& line) {
  CLI::App* validate =
      command(line, "validate", "Check specs (and bough.yaml): every error, with its place",
              "bough validate app.yaml\n  bough validate --explain unknown-key", [&] {
                const std::string& code = line.validate.explain;
                if (!code.empty()) return cli::explain(line.globals, code);
                return cli::validate(line.globals, line.validate);
              });
  validate->add_option("path", line.validate.paths, "files, or - for standard input")
      ->option_text("[PATH…|-]");
  validate->add_flag("--strict", line.validate.strict, "warnings are errors");
  validate->add_option("--explain", line.validate.explain, "say what a diagnostic's code means")
      ->option_text("CODE");
  CLI::App* schema = command(
      line, "schema", "Print the JSON Schema of app.yaml or bough.yaml, or the API",
      "bough schema app > app.schema.json", [&] { return cli::schema(line.globals, line.name); });
  schema->add_option("of", line.name)
      ->required()
      ->check(CLI::IsMember({"app", "config", "api"}))
      ->option_text("app|config|api");
}

void add_plan_and_apply(Line& line) {
  CLI::App* plan = command(line, "plan", "Show what apply would do; change nothing",
                           "bough plan shop --branch feature/login",
                           [&] { return cli::plan(line.globals, line.plan); });
  add_target(plan, line.plan.target);
  plan->add_option("--out", line.plan.out, "save the plan, for bough apply FILE")
      ->option_text("FILE");
  plan->add_option("--local", line.plan.local, "plan the spec of this working copy")
      ->option_text("DIR");
  plan->add_flag("--markdown", line.plan.markdown, "as Markdown, for a comment");
  plan->add_flag("--detailed-exitcode", line.plan.detailed_exitcode,
                 "exit with 2 when there are changes");
  CLI::App* apply =
      command(line, "apply", "Plan, ask, and carry the plan out", "bough apply shop --yes",
              [&] { return cli::apply(line.globals, line.apply); });
  add_target(apply, line.apply.target, "[REPO|PLANFILE]");
  apply->add_flag("--yes,-y", line.apply.yes, "do not ask");
}

void add_rehearse(Line& line) {
  CLI::App* rehearse =
      command(line, "rehearse", "Try a branch's migrations on copies of production",
              "bough rehearse shop --branch feature/login --data",
              [&] { return cli::rehearse(line.globals, line.rehearse); });
  add_target(rehearse, line.rehearse.target, "REPO");
  rehearse->add_flag("--data", line.rehearse.data, "with production's data too");
  rehearse->add_flag("--markdown", line.rehearse.markdown, "as Markdown, for a comment");
}

CLI::App* add_commit(CLI::App* to, PreviewArguments& preview) {
  to->add_option("repository", preview.repository)->required()->option_text("REPO");
  to->add_option("--sha", preview.sha, "the commit, all of its digits")
      ->required()
      ->option_text("SHA");
  to->add_flag("--remove", preview.remove, "end it; its databases are held");
  return to;
}

void add_previews(Line& line) {
  add_commit(command(line, "approve", "Give a pull request's latest commit an environment",
                     "bough approve shop --sha 1f2e3d4c5b6a798001122334455667788990aabb",
                     [&] { return cli::approve(line.globals, line.preview); }),
             line.preview);
  add_commit(command(line, "preview", "Give any commit of a watched branch an environment",
                     "bough preview shop --sha 1f2e3d4c5b6a798001122334455667788990aabb --ttl 3d",
                     [&] { return cli::preview(line.globals, line.preview); }),
             line.preview)
      ->add_option("--ttl", line.preview.ttl, "how long; default: until it is removed")
      ->option_text("DURATION");
}

void add_reading(Line& line) {
  CLI::App* status =
      command(line, "status", "Apps, environments, databases and how they are",
              "bough status shop --watch", [&] { return cli::status(line.globals, line.status); });
  add_target(status, line.status.target);
  status->add_flag("--watch", line.status.watch, "again every two seconds");
  CLI::App* logs = command(line, "logs", "The output of builds and migrations",
                           "bough logs shop --branch feature/login",
                           [&] { return cli::logs(line.globals, line.logs); });
  add_target(logs, line.logs.target);
  logs->add_option("--run", line.logs.run, "one run by its number")->option_text("ID");
  logs->add_flag("--follow,-f", line.logs.follow, "of the last run, until it has ended");
  CLI::App* events = command(line, "events", "What happened, and why", "bough events shop --follow",
                             [&] { return cli::events(line.globals, line.events); });
  events->add_option("repository", line.events.repository)->option_text("[REPO]");
  events->add_option("--limit", line.events.limit, "how many of the last events");
  events->add_flag("--follow,-f", line.events.follow, "go on with what comes");
  CLI::App* history = command(line, "history", "Runs, steps and commands of each environment",
                              "bough history shop --branch feature/login",
                              [&] { return cli::history(line.globals, line.history); });
  add_target(history, line.history.target, "REPO");
  history->add_option("--limit", line.history.limit, "how many of the last");
}

void add_using(Line& line) {
  CLI::App* env = command(line, "env", "The variables of an environment (default: production)",
                          "bough env shop --branch feature/login --format shell",
                          [&] { return cli::env(line.globals, line.env); });
  add_target(env, line.env.target, "REPO");
  env->add_option("--component,-c", line.env.component, "as this component sees them");
  env->add_option("--format", line.env.format, "how to write them")
      ->check(CLI::IsMember({"dotenv", "shell", "json", "docker", "kubernetes"}));
  env->add_flag("--reveal", line.env.reveal, "show secrets on a terminal too");
  CLI::App* exec = command(line, "exec", "Run a command with the variables of an environment",
                           "bough exec shop --branch feature/login -- npm start",
                           [&] { return cli::exec(line.globals, line.exec); });
  add_target(exec, line.exec.target, "REPO");
  exec->add_option("--component,-c", line.exec.component, "as this component sees them");
  exec->add_option("command", line.exec.command)->required()->option_text("-- CMD…");
  CLI::App* connect = command(line, "connect", "Open psql on an environment's database",
                              "bough connect shop --branch feature/login",
                              [&] { return cli::connect(line.globals, line.exec); });
  add_target(connect, line.exec.target, "REPO");
  connect->add_option("arguments", line.exec.command, "for psql")->option_text("[-- ARGS…]");
}

void add_servers(Line& line) {
  command(line, "instances", "Linked and dev instances", "bough instances",
          [&] { return instances(line.globals); });
  CLI::App* test =
      command(line, "test", "Try a connection; say what is wrong with it", "bough test main-pg",
              [&] { return cli::test(line.globals, line.name); });
  test->add_option("name", line.name)->required()->option_text("NAME|URL");
  command(line, "doctor", "Check this installation", "bough doctor",
          [&] { return doctor(line.globals); });
  CLI::App* dev = command(line, "dev", "The private servers for development", "bough dev stop",
                          [&] { return cli::dev(line.globals, line.name); });
  dev->add_option("verb", line.name)
      ->required()
      ->check(CLI::IsMember({"start", "stop", "status"}))
      ->option_text("start|stop|status");
  command(line, "version", "The version of bough", "bough version",
          [&] { return version(line.globals); });
  CLI::App* completion =
      command(line, "completion", "Print what has your shell complete commands",
              "source <(bough completion bash)", [&] { return cli::completion(line.name); });
  completion->add_option("shell", line.name)
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->option_text("bash|zsh|fish");
  CLI::App* serve = command(line, "serve", "Watch the repositories and keep their databases right",
                            "bough serve --log-format json",
                            [&] { return cli::serve(line.globals, line.serve); });
  serve->add_option("--log-format", line.serve.log_format)->check(CLI::IsMember({"text", "json"}));
  serve->add_option("--log-level", line.serve.log_level)
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
}

void add_webhooks(Line& line) {
  CLI::App* webhooks = command(
      line, "webhooks", "What to enter at the Git host; try it with a signed delivery",
      "bough webhooks shop test", [&] { return cli::webhooks(line.globals, line.webhooks); });
  webhooks->add_option("repository", line.webhooks.repository)->required()->option_text("REPO");
  webhooks->add_option("verb", line.webhooks.verb)
      ->check(CLI::IsMember({"test"}))
      ->option_text("[test]");
}

void add_builds(Line& line) {
  CLI::App* report =
      command(line, "report-build", "Tell that a build that runs elsewhere has ended",
              "bough report-build shop --commit $SHA --name ci --state succeeded",
              [&] { return cli::report_build(line.globals, line.build); });
  BuildArguments& to = line.build;
  report->add_option("repository", to.repository)->required()->option_text("REPO");
  report->add_option("--commit", to.commit, "what was built")->required()->option_text("SHA");
  report->add_option("--name", to.name, "of the workflow, pipeline or check")
      ->required()
      ->option_text("NAME");
  report->add_option("--state", to.state)
      ->required()
      ->check(CLI::IsMember({"succeeded", "failed"}))
      ->option_text("succeeded|failed");
  report->add_option("--branch,-b", to.branch, "that it was built for")->option_text("BRANCH");
  report->add_option("--url", to.url, "where it can be looked at")->option_text("URL");
}

void add_globals(Line& line) {
  line.app.add_option("--config", line.globals.config, "the configuration (default: bough.yaml)")
      ->envname("BOUGH_CONFIG")
      ->option_text("FILE");
  line.app.add_flag("--json", line.globals.json, "the result as a JSON document");
  line.app.add_option("--server", line.globals.server, "have the daemon at this URL do it")
      ->envname("BOUGH_SERVER")
      ->option_text("URL");
  line.app
      .add_option("--token-file", line.globals.token_file,
                  "holds the token for --server (default: the variable BOUGH_TOKEN)")
      ->option_text("FILE");
  line.app
      .add_option("--ca-cert", line.globals.ca_cert, "the authority to trust at --server, in PEM")
      ->option_text("FILE");
}

void add_all(Line& line) {
  line.app.require_subcommand(1);
  add_globals(line);
  add_plan_and_apply(line);
  add_rehearse(line);
  add_previews(line);
  add_reading(line);
  add_using(line);
  add_databases(line);
  add_holds(line);
  add_servers(line);
  add_specs(line);
  add_settings(line);
  add_webhooks(line);
  add_builds(line);
}

int parse_and_run(int argc, char** argv) {
  CLI::App app{"bough: a database for every branch of your Git repositories"};
  Line line{.app = app};
  add_all(line);
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && words.front() == kComplete)
    return complete(app, {words.begin() + 1, words.end()});
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = line.app.exit(error);
    return status == 0 ? kOk : kUsage;
  }
  return line.run();
}

}  // namespace
}  // namespace bough::cli

int main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  // bough starts itself for work that must be killable.
  if (first == "__git") return bough::git_worker_main();
  return bough::cli::parse_and_run(argc, argv);
}
