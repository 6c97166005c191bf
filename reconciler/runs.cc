#include "reconciler/runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "reconciler/checkout.h"
#include "reconciler/dumps.h"
#include "reconciler/histories.h"
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

/// Whether bough or the kernel ended it, so that the server may still be at work for it.
bool was_killed(const RunRecord& run) {
  return run.state != RunState::failed || run.exit_code > 128;
}

/// What everything is once the plan is carried out: by then its commands have what it gives them.
Observed planned_world(const Pass& pass) {
  Observed world = pass.observed;
  for (const Step& step : pass.plan.steps) world = after(std::move(world), step);
  return world;
}

Error failure(const RunRecord& run) {
  return {Fault::refused,
          fmt::format("{} {}: {}", word_of(run.kind), word_of(run.state),
                      run.note.empty() ? fmt::format("exit code {}", run.exit_code) : run.note)};
}

/// What there is of a database that somebody may have to bring back by hand.
std::string last_dump(const std::vector<Dump>& newest_first, const Place& place) {
  for (const Dump& dump : newest_first)
    if (dump.mark.place == place)
      return fmt::format("its last dump is {}, of {}", dump.id, rfc3339(dump.made_at));
  return "bough has no copy or dump of it";
}

/// From here on the copy is what the database is put back to, whoever looks next.
Result<void> note_attempt(const Migrate& migrate, const std::string& digest, Provisioner& server) {
  Mark image = *migrate.image;
  image.standing = Image{std::get<Image>(image.standing).since, Migrated{migrate.commit, digest}};
  return server.record({migrate.at.instance, migrate.at.place, image.name}, image);
}

}  // namespace

Runs::Runs(Installation& installation, const Pass& pass, const Controls& controls)
    : installation_(installation),
      pass_(pass),
      controls_(controls),
      planned_(planned_world(pass)) {}

std::optional<RunRecord> queued_run(const Action& action) {
  const auto waiting = [](RunKey key, RunKind kind, const std::vector<Command>& commands) {
    return RunRecord{0,  std::move(key), kind,        joined(commands), RunState::queued, 0, "",
                     "", now(),          std::nullopt};
  };
  const auto run = run_of(action);
  if (!run) return std::nullopt;
  return waiting(run->key, run->kind, run->commands);
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
  /// Likewise when it did not succeed: what became of the database, for the note.
  std::function<std::string(const RunRecord&)> on_failure = [](const RunRecord&) {
    return std::string();
  };
};

Result<std::map<std::string, Endpoint>> Runs::endpoints(const Home& home) const {
  std::map<std::string, Endpoint> result;
  for (const WantedHome& wanted_home : pass_.survey.desired.homes) {
    if (wanted_home.home != home) continue;
    for (const Wanted& wanted : wanted_home.databases) {
      const Mark* mark = mark_of(planned_, wanted);
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
  const auto wanted =
      std::find_if(pass_.survey.desired.homes.begin(), pass_.survey.desired.homes.end(),
                   [&](const WantedHome& one) { return one.home == home; });
  // Whose origin is not known is not trusted.
  const Author author =
      wanted == pass_.survey.desired.homes.end() ? Author::stranger : wanted->author;
  return bough::request_for(
      {installation_, *installation_.repository(home.repository.text()),
       pass_.survey.specs.at(home), *std::move(reach), job.primary,
       Checkout(installation_.workspace(), home, job.key.commit).tree(), author},
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
  // What was stopped half way may have changed anything.
  if (run.state == RunState::cancelled && job.kind != RunKind::build) run.state = RunState::unknown;
  if (run.state == RunState::succeeded) {
    if (auto recorded = job.on_success(); !recorded) {
      run.state = RunState::unknown;
      run.note = "its commands succeeded, which could not be recorded: " + recorded.error().message;
    }
  } else if (const std::string left = job.on_failure(run); !left.empty()) {
    run.note =
        (run.note.empty() ? fmt::format("exit code {}", run.exit_code) : run.note) + "; " + left;
  }
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
  if (migrate.image)
    if (auto noted = note_attempt(migrate, key.digest, **server); !noted) return noted;
  const auto succeeded = [&]() -> Result<void> {
    Mark mark = migrate.mark;
    mark.migrated = Migrated{migrate.commit, key.digest};
    return (*server)->record(migrate.at, mark);
  };
  const auto failed = [&](const RunRecord& run) {
    if (was_killed(run)) static_cast<void>((*server)->end_sessions(migrate.at));
    return clear_up(migrate, **server);
  };
  return carry_out({id, key, RunKind::migration, migrate.commands, key.component,
                    (*server)->endpoint(migrate.mark), patient(), succeeded, failed},
                   sink);
}

/// What became of the database of a migration that did not succeed, in words.
std::string Runs::clear_up(const Migrate& migrate, Provisioner& server) {
  if (migrate.image) return put_back(migrate, server);
  if (is_production(migrate.at.place.home.environment))
    return "production is left as the migration left it; " +
           last_dump(dumps_there(installation_), migrate.at.place);
  return "the database is left as the failed migration left it";
}

std::string Runs::put_back(const Migrate& migrate, Provisioner& server) {
  auto journal = installation_.journal(Installation::Dev::create);
  auto done = journal ? (*journal)->undo(migrate.at.place) : Result<void>(journal.error());
  const Step back{PutBack{migrate.at, migrate.mark, *migrate.image}, "the migration failed"};
  if (done) done = server.apply(back);
  if (!done)
    return "the database is not put back yet, which is tried again: " + done.error().message;
  // What is not dropped here is dropped by the next plan.
  static_cast<void>(
      server.apply({DropImage{migrate.at, migrate.image->name}, "what the migration left"}));
  return "the database was put back as it was before";
}

/// What changes data is given some time when bough is to stop.
Cancelled Runs::patient() const {
  return [this, since = std::optional<Instant>()]() mutable {
    if (!controls_.stopping()) return false;
    if (!since) since = now();
    return now() - *since > kMigrationGrace;
  };
}

Result<void> Runs::seed(const Seed& seed, long long id, const Sink& sink) {
  const Action action = seed;
  const PlannedRun run = *run_of(action);
  if (auto filled = fill(run.key.home, seed.commit, false); !filled) return filled;
  auto server = installation_.server(seed.at.instance);
  if (!server) return server.error();
  if (auto ended = end_orphans(seed.at, **server); !ended) return ended;
  const auto succeeded = [&]() -> Result<void> {
    Mark mark = seed.mark;
    mark.seeded = seed.seeded;
    return (*server)->record(seed.at, mark);
  };
  const auto failed = [&](const RunRecord& ended) -> std::string {
    if (was_killed(ended)) static_cast<void>((*server)->end_sessions(seed.at));
    return "";
  };
  return carry_out({id, run.key, run.kind, seed.commands, run.key.component,
                    (*server)->endpoint(seed.mark), patient(), succeeded, failed},
                   sink);
}

Result<void> Runs::jobs(const RunJobs& jobs, long long id, const Sink& sink) {
  const Action action = jobs;
  const PlannedRun run = *run_of(action);
  if (auto filled = fill(run.key.home, jobs.commit, false); !filled) return filled;
  auto server = installation_.server(jobs.at.instance);
  if (!server) return server.error();
  const auto succeeded = [&]() -> Result<void> {
    if (jobs.kind != RunKind::post_deploy) return {};
    Mark mark = jobs.mark;
    mark.released = Migrated{jobs.commit, run.key.digest};
    return (*server)->record(jobs.at, mark);
  };
  return carry_out({id, run.key, run.kind, jobs.commands, jobs.at.place.component.text(),
                    std::nullopt, patient(), succeeded},
                   sink);
}

}  // namespace bough
