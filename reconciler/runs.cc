#include "reconciler/runs.h"

#include <fmt/format.h>

#include <atomic>
#include <filesystem>

#include "reconciler/checkout.h"
#include "reconciler/runner/log_files.h"
#include "reconciler/runner/process.h"
#include "reconciler/scene.h"

namespace bough {
namespace {

constexpr std::chrono::seconds kMigrationGrace(30);

std::string joined(const std::vector<Command>& commands) {
  std::string text;
  for (const Command& command : commands) text += (text.empty() ? "" : "\n") + command.text;
  return text;
}

std::string new_log(const Workspace& workspace, const RunKey& key, RunKind kind) {
  static std::atomic<int> count = 0;
  std::error_code ignored;
  std::filesystem::create_directories(workspace.data_dir + "/runs", ignored);
  return fmt::format("{}/runs/{}-{}-{}-{}-{}.log", workspace.data_dir, log_prefix(now()),
                     key.home.repository.text(), key.commit.text().substr(0, 7), word_of(kind),
                     ++count);
}

/// The mark that a wanted database has by the time its commands run.
std::optional<Mark> mark_of(const Pass& pass, const Wanted& wanted) {
  for (const Step& step : pass.plan.steps) {
    const auto* grant = std::get_if<GrantAccess>(&step.action);
    if (grant && grant->at.place == wanted.place) return grant->mark;
  }
  const auto seen = pass.observed.instances.find(wanted.instance);
  if (seen == pass.observed.instances.end()) return std::nullopt;
  const auto* contents = std::get_if<Contents>(&seen->second);
  if (!contents) return std::nullopt;
  for (const auto& [name, database] : contents->databases)
    if (database.mark && database.mark->place == wanted.place) return database.mark;
  return std::nullopt;
}

Error failure(const RunRecord& run) {
  return {Fault::refused,
          fmt::format("{} {}: {}", word_of(run.kind), word_of(run.state),
                      run.note.empty() ? fmt::format("exit code {}", run.exit_code) : run.note)};
}

}  // namespace

std::optional<RunRecord> queued_run(const Action& action) {
  const auto waiting = [](RunKey key, RunKind kind, const std::vector<Command>& commands) {
    return RunRecord{0,  std::move(key), kind,        joined(commands), RunState::queued, 0, "",
                     "", now(),          std::nullopt};
  };
  if (const auto* build = std::get_if<Build>(&action))
    return waiting({build->home, "", build->commit, digest(build->commands)}, RunKind::build,
                   build->commands);
  if (const auto* migrate = std::get_if<Migrate>(&action))
    return waiting({migrate->at.place.home, migrate->at.place.component.text(), migrate->commit,
                    digest(migrate->commands)},
                   RunKind::migration, migrate->commands);
  return std::nullopt;
}

/// One run: a list of commands in one checkout.
struct Runs::Job {
  long long id;  ///< as it was queued
  RunKey key;
  RunKind kind;
  const std::vector<Command>& commands;
  std::string primary;
  std::optional<Endpoint> changes;  ///< the one database that a migration changes
  Cancelled cancelled;
  std::function<Result<void>()> on_success;  ///< before the journal says so
};

Result<std::map<std::string, Endpoint>> Runs::endpoints(const Home& home) const {
  std::map<std::string, Endpoint> result;
  for (const WantedHome& wanted_home : pass_.survey.desired.homes) {
    if (wanted_home.home != home) continue;
    for (const Wanted& wanted : wanted_home.databases) {
      const auto mark = mark_of(pass_, wanted);
      if (!mark) continue;
      auto server = installation_.server(wanted.instance);
      if (!server) return server.error();
      result[wanted.place.component.text()] = (*server)->endpoint(*mark);
    }
  }
  return result;
}

Result<void> Runs::fill(const Home& home, const Commit& commit, bool anew) const {
  auto borrowed = installation_.mirror(*installation_.repository(home.repository.text()));
  if (!borrowed) return borrowed.error();
  const Checkout checkout(installation_.workspace(), home, commit);
  return anew ? checkout.refill(*borrowed->mirror) : checkout.fill(*borrowed->mirror);
}

Result<ProcessRequest> Runs::request_for(const Job& job, const Command& command) const {
  auto reach = endpoints(job.key.home);
  if (!reach) return reach.error();
  const Home& home = job.key.home;
  return bough::request_for({installation_, *installation_.repository(home.repository.text()),
                             pass_.survey.specs.at(home), *std::move(reach), job.primary,
                             Checkout(installation_.workspace(), home, job.key.commit).tree()},
                            command);
}

/// One command of a run; what it came to is in `run`.
void Runs::run_command(const Job& job, const Command& command, const Sink& sink, RunRecord& run) {
  auto request = request_for(job, command);
  const auto fail = [&](const Error& error) {
    run.state = RunState::failed;
    run.exit_code = 127;
    run.note = error.message;
  };
  if (!request) return fail(request.error());
  request->log_file = run.log_file;
  if (&command != &job.commands.front())
    request->log_file += fmt::format(".{}", &command - job.commands.data() + 1);
  auto outcome = run_process(*request, sink, job.cancelled);
  if (!outcome) return fail(outcome.error());
  if (!outcome->sandboxed) sink("(" + outcome->note + ")");
  run.state = outcome->state;
  run.exit_code = outcome->exit_code;
  run.note = outcome->note;
}

Result<void> Runs::carry_out(const Job& job, const Sink& sink) {
  auto journal = installation_.journal(Installation::Dev::create);
  if (!journal) return journal.error();
  RunRecord run{job.id,
                job.key,
                job.kind,
                joined(job.commands),
                RunState::running,
                0,
                "",
                new_log(installation_.workspace(), job.key, job.kind),
                now(),
                std::nullopt};
  const Workspace& workspace = installation_.workspace();
  prune_logs(workspace.data_dir + "/runs", installation_.config().logs, now());
  auto id = (*journal)->start_run(run, job.changes);
  if (!id) return id.error();
  run.id = *id;
  run.state = RunState::succeeded;
  for (const Command& command : job.commands)
    if (run.state == RunState::succeeded) run_command(job, command, sink, run);
  // A migration that was stopped half way may have changed anything.
  if (run.state == RunState::cancelled && job.kind == RunKind::migration)
    run.state = RunState::unknown;
  if (run.state == RunState::succeeded)
    if (auto recorded = job.on_success(); !recorded) return recorded.error();
  if (auto finished = (*journal)->finish_run(run); !finished) return finished.error();
  if (run.state != RunState::succeeded) return failure(run);
  return {};
}

Result<void> Runs::build(const Build& build, long long id, const Sink& sink) {
  if (auto filled = fill(build.home, build.commit, true); !filled) return filled.error();
  std::string primary;
  for (const WantedHome& home : pass_.survey.desired.homes)
    if (home.home == build.home && !home.databases.empty())
      primary = home.databases.front().place.component.text();
  const std::string sum = digest(build.commands);
  const auto cancelled = [&] { return controls_.stopping() || controls_.outdated(build); };
  const auto succeeded = [&]() -> Result<void> {
    Checkout(installation_.workspace(), build.home, build.commit).set_built(sum);
    return {};
  };
  return carry_out({id,
                    {build.home, "", build.commit, sum},
                    RunKind::build,
                    build.commands,
                    primary,
                    std::nullopt,
                    cancelled,
                    succeeded},
                   sink);
}

/// What a killed bough's command left behind may still hold locks.
Result<void> Runs::end_orphans(const Target& at, Provisioner& server) {
  auto journal = installation_.journal(Installation::Dev::create);
  if (!journal) return journal.error();
  auto interrupted = (*journal)->interrupted(at.place);
  if (!interrupted) return interrupted.error();
  return *interrupted ? server.end_sessions(at) : Result<void>();
}

Result<void> Runs::migrate(const Migrate& migrate, long long id, const Sink& sink) {
  const Home& home = migrate.at.place.home;
  if (auto filled = fill(home, migrate.commit, false); !filled) return filled.error();
  auto server = installation_.server(migrate.at.instance);
  if (!server) return server.error();
  const RunKey key{home, migrate.at.place.component.text(), migrate.commit,
                   digest(migrate.commands)};
  if (auto ended = end_orphans(migrate.at, **server); !ended) return ended;
  std::optional<Instant> since;
  const auto cancelled = [&] {
    if (!controls_.stopping()) return false;
    if (!since) since = now();
    return now() - *since > kMigrationGrace;
  };
  const auto succeeded = [&]() -> Result<void> {
    Mark mark = migrate.mark;
    mark.migrated = Migrated{migrate.commit, key.digest};
    return (*server)->record(migrate.at, mark);
  };
  auto done = carry_out({id, key, RunKind::migration, migrate.commands, key.component,
                         (*server)->endpoint(migrate.mark), cancelled, succeeded},
                        sink);
  if (!done) static_cast<void>((*server)->end_sessions(migrate.at));
  return done;
}

}  // namespace bough
