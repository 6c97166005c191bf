#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spec/command_config.h"
#include "spec/database_config.h"
#include "spec/diagnostic.h"
#include "spec/engine.h"
#include "spec/names.h"
#include "spec/setting.h"

namespace bough {

/// Where a secret comes from; it is never in the file itself.
struct FromFile {
  std::string path;
  bool operator==(const FromFile&) const = default;
};
struct FromEnvironment {
  std::string variable;
  bool operator==(const FromEnvironment&) const = default;
};
using SecretSource = std::variant<FromFile, FromEnvironment>;

struct InstanceConfig {
  InstanceName name;
  Engine engine = Engine::pg;
  std::string url;  ///< without a password
  std::optional<SecretSource> password;
  std::optional<std::string> ca_cert_file;
  std::optional<std::string> certificate_file;  ///< the client's own, with `key_file`
  std::optional<std::string> key_file;
  Position at;
};

struct Credentials {
  std::string username;
  std::optional<SecretSource> password;
  std::optional<std::string> ssh_key_file;
  std::optional<std::string> known_hosts_file;
  std::optional<std::string> ca_cert_file;
};

struct WebhookConfig {
  std::string provider;
  SecretSource secret;
};

/// What becomes of an interrupted migration: nobody knows what it did.
enum class OnUnknown { ask, rerun };

struct RepositoryConfig {
  RepositoryName name;
  std::string url{};
  Credentials credentials{};
  std::optional<BranchName> production_branch{};  ///< default: the remote's HEAD
  std::optional<std::string> spec{};              ///< default: app.yaml, else .do/app.yaml
  std::vector<std::string> include{"**"};         ///< branch globs
  std::vector<std::string> exclude{};
  std::optional<InstanceName> instance{};  ///< default: the dev instance of the wanted version
  std::optional<std::string> migration_command{};
  std::optional<std::string> build_command{};
  std::optional<std::string> wait_for{};  ///< the build that others run and report
  std::optional<OnUnknown> on_unknown{};  ///< default: ask for production, rerun for branches
  std::vector<std::string> migrations{};  ///< globs of migration files; empty: guessed
  CopyConfig copies{};
  std::chrono::milliseconds hold{std::chrono::hours(24 * 7)};
  bool dump = true;
  std::optional<std::chrono::milliseconds> ttl{};  ///< of branches that nobody pushes to
  Limits limits{};
  std::vector<std::string> extensions{};  ///< made by the admin before a migration
  std::vector<TrustedSource> trusted_sources{};
  OnFailure on_failure = OnFailure::keep;
  std::optional<SeedConfig> seed{};
  Forks forks = Forks::none;
  bool rehearse = false;  ///< each branch's migration, for its plan
  std::vector<WebhookConfig> webhooks{};
  CommandPolicy commands = CommandPolicy::branch;
  Sandbox sandbox = Sandbox::required;
  NetworkConfig network{};
  CommandLimits command_limits{};
  std::chrono::milliseconds build_timeout{std::chrono::minutes(30)};
  std::chrono::milliseconds migration_timeout{std::chrono::minutes(30)};
  Position at{};
};

struct TokenConfig {
  std::string name;
  std::vector<std::string> scopes;
  SecretSource secret;
  std::vector<std::string> repositories{};  ///< empty: all
};

/// Files in PEM that the server speaks TLS with.
struct TlsConfig {
  std::string certificate_file;
  std::string key_file;
  bool operator==(const TlsConfig&) const = default;
};

struct Config {
  std::string data_dir = "./.bough";  ///< relative paths: to the folder of bough.yaml
  std::string journal = "dev";        ///< `dev` or a postgresql:// URL
  std::optional<SecretSource> journal_password;
  std::string listen = "127.0.0.1:7420";
  std::optional<std::string> public_url;  ///< how others reach `listen`, such as through a proxy
  std::optional<TlsConfig> tls;
  std::chrono::milliseconds poll{std::chrono::seconds(60)};
  std::chrono::milliseconds git_timeout{std::chrono::seconds(60)};
  std::vector<std::string> server_binaries;  ///< more folders with PostgreSQL server programs
  LogConfig logs;
  DumpConfig dumps{};
  std::optional<std::string> run_as;  ///< user for servers and commands when bough is root
  std::vector<InstanceConfig> instances;
  std::vector<RepositoryConfig> repositories;
  std::vector<TokenConfig> tokens;
};

struct ConfigReading {
  std::optional<Config> config;
  std::vector<Diagnostic> diagnostics;
};

/// Reads `bough.yaml`; `file` only names it in diagnostics. All errors, with the nearest known key
/// for an unknown one. An empty file is the default configuration. Pure: secrets and files are only
/// named, not opened. Settings `kept` in the journal count as if they stood in the file.
ConfigReading read_config(std::string_view text, std::string_view file,
                          const std::vector<Setting>& kept = {});

/// Whether a branch is watched: some include matches and no exclude does.
bool watched(const RepositoryConfig& repository, const BranchName& branch);

/// Whether the whole text matches: `*` is any bytes within a path part, `**` across parts (`**/` at
/// the start of a part also none), `?` one byte of a part.
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace bough
