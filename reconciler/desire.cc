#include "reconciler/desire.h"

#include <fmt/format.h>

#include "spec/bindables.h"

namespace bough {
namespace {

/// One branch of one repository while it is being read.
struct Reading {
  const RepositoryConfig& config;
  const BranchSource& source;
  Environment environment;
  const Abilities& abilities;
  Author author = Author::pusher;
};

/// What diagnostics call it.
std::string subject_of(const Reading& reading) {
  if (std::holds_alternative<Preview>(reading.environment)) return path_of(reading.environment);
  return printable(reading.source.branch.text());
}

Engine engine_of(const DatabaseSpec& database) {
  return database.engine.value_or(Engine::pg);
}

Result<InstanceName> instance_for(const Reading& reading, const DatabaseSpec& database) {
  const auto& bound = reading.config.instance;
  if (!database.cluster_name.empty() && (!bound || bound->text() != database.cluster_name))
    return Error{Fault::refused,
                 fmt::format("the spec asks for cluster {}, and the repository is {}; a branch "
                             "cannot choose its server: set `instance: {}` on the repository in "
                             "bough.yaml, or remove cluster_name",
                             printable(database.cluster_name),
                             bound ? "bound to " + bound->text() : "not bound to it",
                             printable(database.cluster_name))};
  if (bound) return *bound;
  if (database.production)
    return Error{Fault::refused,
                 "the spec asks for a managed database (production: true), and the repository has "
                 "no instance; set `instance:` on it in bough.yaml"};
  return reading.abilities.dev_instance(engine_of(database), database.version);
}

std::vector<Command> builds_of(const Reading& reading, const AppSpec& spec) {
  if (reading.config.build_command)
    return {{RunKind::build, *reading.config.build_command, "", "", "bough.yaml"}};
  std::vector<Command> result;
  for (const ComponentSpec& component : spec.components)
    if (!component.build_command.empty())
      result.push_back({RunKind::build, component.build_command, component.source_dir,
                        component.name.text(), component.name.text() + ".build_command"});
  return result;
}

/// The commands of the jobs of a kind, in order.
std::vector<Command> jobs_of(const AppSpec& spec, JobKind kind, RunKind as) {
  std::vector<Command> result;
  for (const ComponentSpec& component : spec.components)
    if (component.job && component.job->kind == kind && !component.run_command.empty())
      result.push_back({as, component.run_command, component.source_dir, component.name.text(),
                        "jobs." + component.name.text()});
  return result;
}

void note_scheduled_jobs(const Reading& reading, const AppSpec& spec, Desired& desired) {
  for (const ComponentSpec& component : spec.components) {
    if (!component.job || component.job->kind != JobKind::scheduled) continue;
    const auto& schedule = component.job->schedule;
    desired.diagnostics.push_back(
        {fmt::format("{}/{}", reading.config.name.text(), printable(reading.source.branch.text())),
         {},
         Severity::note,
         "scheduled-job",
         fmt::format("job {} is scheduled ({}); bough does not run it", component.name.text(),
                     printable(schedule ? schedule->cron : "no cron")),
         ""});
  }
}

/// The operator's command, else the database's own, else (for the first database) the jobs.
std::vector<Command> migrations_of(const Reading& reading, const AppSpec& spec,
                                   const DatabaseSpec& database, bool first) {
  if (reading.config.migration_command)
    return {{RunKind::migration, *reading.config.migration_command, "", "", "bough.yaml"}};
  if (!database.migration_command.empty())
    return {{RunKind::migration, database.migration_command, "", "",
             fmt::format("databases.{}.migration_command", database.name.text())}};
  return first ? jobs_of(spec, JobKind::pre_deploy, RunKind::migration) : std::vector<Command>();
}

/// Production's database is never seeded.
std::vector<Command> seeds_of(const Reading& reading) {
  const auto& seed = reading.config.seed;
  if (!seed || is_production(reading.environment)) return {};
  return {{RunKind::seed, seed->command, "", "", "bough.yaml"}};
}

bool may_run(const Command& command, CommandPolicy policy) {
  if (policy == CommandPolicy::branch) return true;
  return policy == CommandPolicy::operators && command.origin == "bough.yaml";
}

/// Keeps the commands that the operator lets run; `left_out` gets where the others stood.
std::vector<Command> permitted(std::vector<Command> commands, CommandPolicy policy,
                               std::set<std::string>& left_out) {
  for (const Command& command : commands)
    if (!may_run(command, policy)) left_out.insert(command.origin);
  std::erase_if(commands, [&](const Command& command) { return !may_run(command, policy); });
  return commands;
}

void permit_commands(const Reading& reading, WantedHome& home, Desired& desired) {
  const CommandPolicy policy = reading.config.commands;
  std::set<std::string> left_out;
  home.builds = permitted(std::move(home.builds), policy, left_out);
  home.after_deploy = permitted(std::move(home.after_deploy), policy, left_out);
  home.after_failure = permitted(std::move(home.after_failure), policy, left_out);
  for (Wanted& wanted : home.databases) {
    wanted.migrations = permitted(std::move(wanted.migrations), policy, left_out);
    wanted.seeds = permitted(std::move(wanted.seeds), policy, left_out);
  }
  if (left_out.empty()) return;
  desired.diagnostics.push_back(
      {fmt::format("{}/{}", reading.config.name.text(), subject_of(reading)),
       {},
       Severity::warning,
       "commands-left-out",
       fmt::format("`commands: {}` in bough.yaml keeps from running: {}",
                   policy == CommandPolicy::none ? "none" : "operator",
                   printable(fmt::format("{}", fmt::join(left_out, ", ")))),
       ""});
}

/// With each address as a network: one address has all its bits.
std::set<TrustedSource> trusted_by(const RepositoryConfig& config) {
  std::set<TrustedSource> result;
  if (config.instance) return result;
  for (TrustedSource source : config.trusted_sources) {
    if (source.address.find('/') == std::string::npos)
      source.address += source.address.find(':') == std::string::npos ? "/32" : "/128";
    result.insert(std::move(source));
  }
  return result;
}

/// Production's rows as they are are never for strangers.
CopyConfig copies_for(const Reading& reading) {
  CopyConfig copies = reading.config.copies;
  if (reading.author == Author::stranger && copies.what == Copy::data) copies.what = Copy::none;
  return copies;
}

void add_database(const Reading& reading, const AppSpec& spec, const DatabaseSpec& database,
                  std::set<Engine>& met, WantedHome& home, Desired& desired) {
  const Place place{home.home, database.name};
  const Engine engine = engine_of(database);
  const auto refuse = [&](std::string reason) {
    desired.refused.push_back({reading.config.name, place, address(place), std::move(reason)});
  };
  if (!reading.abilities.serves(engine)) {
    refuse(fmt::format("engine {} is not served by this bough", word_of(engine)));
    return;
  }
  const bool first = met.insert(engine).second;
  auto instance = instance_for(reading, database);
  if (!instance) {
    // The database that may exist there already is not unwanted.
    desired.unreadable[reading.config.name].insert(reading.environment);
    refuse(instance.error().message);
    return;
  }
  const bool any_version = !reading.config.instance && database.version.empty();
  home.databases.push_back({place, engine, database.version, *instance, any_version,
                            first ? Rank::first : Rank::further, reading.config.limits,
                            migrations_of(reading, spec, database, first), seeds_of(reading)});
  home.databases.back().copies = copies_for(reading);
  home.databases.back().extensions = reading.config.extensions;
  home.databases.back().trusted = trusted_by(reading.config);
  if (reading.config.seed) home.databases.back().seed_when = reading.config.seed->when;
}

std::vector<Command> commands_of(const WantedHome& home) {
  std::vector<Command> commands = home.builds;
  const auto add = [&](const std::vector<Command>& more) {
    commands.insert(commands.end(), more.begin(), more.end());
  };
  for (const Wanted& wanted : home.databases) {
    add(wanted.migrations);
    add(wanted.seeds);
  }
  add(home.after_deploy);
  add(home.after_failure);
  return commands;
}

/// Tries the variables of every command with made-up endpoints, so that the plan shows what would
/// fail.
std::optional<std::string> unresolvable(const AppSpec& spec, const WantedHome& home) {
  std::map<std::string, Endpoint> endpoints;
  for (const Wanted& wanted : home.databases)
    endpoints[wanted.place.component.text()] = {wanted.engine, "host", 1, "d", "u", "p", "", ""};
  for (const Command& command : commands_of(home)) {
    const Phase phase = command.kind == RunKind::build ? Phase::build : Phase::run;
    const auto tried = variables({spec, command.component, phase, endpoints, ""});
    if (!tried) return "its commands cannot run: " + tried.error().message;
  }
  return std::nullopt;
}

void add_home(const Reading& reading, const AppSpec& spec, Desired& desired) {
  WantedHome home{{reading.config.name, spec.name, reading.environment},
                  reading.source.branch,
                  reading.source.commit,
                  {},
                  {},
                  std::nullopt};
  std::set<Engine> met;
  for (const DatabaseSpec& database : spec.databases)
    add_database(reading, spec, database, met, home, desired);
  if (home.databases.empty()) return;
  home.builds = builds_of(reading, spec);
  home.after_deploy = jobs_of(spec, JobKind::post_deploy, RunKind::post_deploy);
  home.after_failure = jobs_of(spec, JobKind::failed_deploy, RunKind::failed_deploy);
  note_scheduled_jobs(reading, spec, desired);
  permit_commands(reading, home, desired);
  home.runs_refused = unresolvable(spec, home);
  home.wait_for = reading.config.wait_for;
  home.on_unknown = reading.config.on_unknown.value_or(
      is_production(reading.environment) ? OnUnknown::ask : OnUnknown::rerun);
  home.files = reading.source.files;
  home.on_failure = reading.config.on_failure;
  home.author = reading.author;
  desired.homes.push_back(std::move(home));
}

void add_branch(const Reading& reading, Desired& desired) {
  const auto unreadable = [&] {
    desired.unreadable[reading.config.name].insert(reading.environment);
  };
  const auto* spec = std::get_if<SpecReading>(&reading.source.spec);
  if (!spec) return unreadable();
  const std::string where = fmt::format("{}/{}: ", reading.config.name.text(), subject_of(reading));
  for (Diagnostic diagnostic : spec->diagnostics) {
    diagnostic.file = where + diagnostic.file;
    desired.diagnostics.push_back(std::move(diagnostic));
  }
  if (!spec->spec || has_errors(spec->diagnostics)) return unreadable();
  add_home(reading, *spec->spec, desired);
}

void complain(const RepositoryConfig& config, std::string code, std::string message,
              std::string fix, Desired& desired) {
  desired.diagnostics.push_back({config.name.text(),
                                 {},
                                 Severity::error,
                                 std::move(code),
                                 std::move(message),
                                 std::move(fix)});
}

/// A server of the user's has rules of its own about who may connect.
void note_trust(const RepositoryConfig& config, Desired& desired) {
  if (!config.instance || config.trusted_sources.empty()) return;
  std::string addresses;
  for (const TrustedSource& source : config.trusted_sources)
    addresses += (addresses.empty() ? "" : ", ") + source.address;
  desired.diagnostics.push_back(
      {config.name.text(),
       {},
       Severity::warning,
       "trust-unsupported",
       fmt::format("trusted_sources works on dev instances only, and {} is linked",
                   config.instance->text()),
       fmt::format("let {} in there: `hostssl sameuser all ADDRESS scram-sha-256` in its "
                   "pg_hba.conf, or the provider's own list",
                   addresses)});
}

void add_listed(const RepositorySource& source, const Listed& listed, const Abilities& abilities,
                Desired& desired) {
  const RepositoryConfig& config = source.config;
  if (listed.listed == 0)
    return complain(config, "no-branches", "the remote lists no branches, so nothing is changed",
                    "push a branch, or correct the URL", desired);
  const auto production = production_branch(config, listed.head);
  if (!production)
    return complain(config, "no-production-branch",
                    "the remote's HEAD names no branch, so nothing is changed",
                    "set production_branch in bough.yaml", desired);
  desired.speaks_for.insert(config.name);
  desired.keeping.emplace(config.name, Keeping{config.hold, config.dump, config.ttl});
  note_trust(config, desired);
  for (const BranchSource& branch : listed.branches) {
    desired.watched[config.name].insert(branch.branch);
    const bool is_it = branch.branch == *production;
    add_branch({config, branch,
                is_it ? Environment(Production{}) : Environment(Branch{branch.branch}), abilities},
               desired);
  }
  for (const PreviewSource& preview : listed.previews)
    add_branch({config, preview.source, Preview{preview.source.commit}, abilities, preview.author},
               desired);
  desired.unapproved.insert(desired.unapproved.end(), listed.unapproved.begin(),
                            listed.unapproved.end());
}

}  // namespace

std::optional<BranchName> production_branch(const RepositoryConfig& config,
                                            const std::optional<BranchName>& head) {
  return config.production_branch ? config.production_branch : head;
}

Desired desired_from(const std::vector<RepositorySource>& sources, const Abilities& abilities) {
  Desired desired;
  for (const RepositorySource& source : sources)
    std::visit(Match{[&](const Listed& listed) { add_listed(source, listed, abilities, desired); },
                     [&](const Unlisted& silent) {
                       complain(source.config, "unreachable",
                                "the repository could not be listed, so nothing is changed: " +
                                    silent.reason,
                                "", desired);
                     }},
               source.said);
  return desired;
}

}  // namespace bough
