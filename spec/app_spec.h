#pragma once

#include <optional>
#include <string>
#include <string_view>
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

/// One entry of `services`, `workers`, `jobs`, `static_sites`, `functions`.
struct ComponentSpec {
  ComponentKind kind = ComponentKind::service;
  ComponentName name;
  std::optional<JobKind> job;  ///< of jobs; UNSPECIFIED reads as post_deploy
  std::string source_dir;      ///< relative to the repository's root; empty is the root
  std::string build_command;
  std::string run_command;
  std::vector<EnvEntry> envs;
  Position at;
  bool operator==(const ComponentSpec&) const = default;
};

/// What bough uses of one `app.yaml`.
struct AppSpec {
  AppName name;
  std::vector<DatabaseSpec> databases;
  std::vector<ComponentSpec> components;  ///< in the order of the file
  std::vector<EnvEntry> envs;
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
