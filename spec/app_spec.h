#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spec/diagnostic.h"
#include "spec/engine.h"
#include "spec/names.h"

namespace bough {

/// When a variable is seen (App Spec `scope`).
enum class Scope { run_and_build_time, run_time, build_time };

/// One entry of `envs`. `value` may hold bindables; `secret` marks `type: SECRET`.
struct EnvEntry {
  std::string key;
  std::string value;
  Scope scope = Scope::run_and_build_time;
  bool secret = false;
  Position at;
  bool operator==(const EnvEntry&) const = default;
};

/// One entry of `databases`.
struct DatabaseSpec {
  ComponentName name;
  std::optional<Engine> engine;  ///< nothing when unset; the platform then takes PG
  std::string version;           ///< as written; empty when unset
  bool production = false;
  std::string cluster_name;
  std::string db_name;
  std::string db_user;
  std::string migration_command;  ///< bough's one extension of the App Spec
  Position at;
  bool operator==(const DatabaseSpec&) const = default;
};

enum class ComponentKind { service, worker, job, static_site, function };
enum class JobKind { pre_deploy, post_deploy, failed_deploy, scheduled };

/// Where a component comes from; its own repository when nothing is said.
struct GitSource {
  std::string repo_clone_url;
  std::string branch;
  bool operator==(const GitSource&) const = default;
};
enum class Forge { github, gitlab, bitbucket };
struct ForgeSource {
  Forge forge = Forge::github;
  std::string repo;  ///< owner/name
  std::string branch;
  bool deploy_on_push = false;
  bool operator==(const ForgeSource&) const = default;
};
struct ImageSource {
  std::string registry_type;
  std::string registry;
  std::string repository;
  std::string tag;
  std::string digest;
  bool deploy_on_push = false;
  bool operator==(const ImageSource&) const = default;
};
struct NoSource {
  bool operator==(const NoSource&) const = default;
};
using Source = std::variant<NoSource, GitSource, ForgeSource, ImageSource>;

/// When a SCHEDULED job runs; bough runs none.
struct Schedule {
  std::string cron;
  std::string time_zone;  ///< empty when unset
  bool operator==(const Schedule&) const = default;
};

/// What only jobs have.
struct JobSpec {
  JobKind kind = JobKind::post_deploy;  ///< UNSPECIFIED reads so, too
  std::optional<Schedule> schedule{};
  std::chrono::milliseconds timeout{std::chrono::minutes(30)};
  std::chrono::seconds grace{120};  ///< between TERM and KILL
  bool operator==(const JobSpec&) const = default;
};

/// One entry of `services`, `workers`, `jobs`, `static_sites`, `functions`.
struct ComponentSpec {
  ComponentKind kind = ComponentKind::service;
  ComponentName name;
  std::optional<JobSpec> job{};
  Source source{};
  std::string source_dir{};  ///< relative to the repository's root; empty is the root
  std::string dockerfile_path{};
  std::string environment_slug{};
  std::string build_command{};
  std::string run_command{};
  std::vector<EnvEntry> envs{};
  Position at{};
  bool operator==(const ComponentSpec&) const = default;
};

/// Whether it is a job of kind PRE_DEPLOY with a command: a migration.
bool migrates(const ComponentSpec& component);

/// What bough uses of one `app.yaml`.
struct AppSpec {
  AppName name;
  std::vector<DatabaseSpec> databases{};
  std::vector<ComponentSpec> components{};  ///< in the order of the file
  std::vector<EnvEntry> envs{};
  std::string region{};
  std::string vpc{};  ///< its id
  std::vector<std::string> features{};
  bool operator==(const AppSpec&) const = default;
};

/// What reading gave: the spec unless there were errors, and everything there is to say about it.
struct SpecReading {
  std::optional<AppSpec> spec;
  std::vector<Diagnostic> diagnostics;
};

/// Reads an App Spec (YAML or JSON); `file` only names it in diagnostics. Reports every error it
/// can find, never only the first; any bytes are safe to give.
SpecReading read_app_spec(std::string_view text, std::string_view file);

}  // namespace bough
