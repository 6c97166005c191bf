#include "spec/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "spec/config_kept.h"
#include "spec/config_parts.h"
#include "spec/config_rules.h"
#include "spec/config_shape.h"
#include "spec/document.h"
#include "spec/findings.h"
#include "spec/shape.h"
#include "spec/time.h"

namespace bough {
namespace {

using std::chrono::milliseconds;

void report(const std::optional<Complaint>& complaint, Position at, std::string_view key,
            Findings& findings) {
  if (complaint)
    findings.say(at, "bad-value", fmt::format("`{}`: {}", key, complaint->message), complaint->fix);
}

template <typename Rule>
std::optional<Name<Rule>> read_name(const Node& node, std::string_view key, Findings& findings) {
  const auto text = text_if_given(node, key);
  if (!text) return std::nullopt;
  auto name = Name<Rule>::parse(*text);
  if (name) return *std::move(name);
  findings.say(place_of(node, key), "bad-name",
               fmt::format("`{}` cannot be {}", key, in_quotes(*text)), name.error().message);
  return std::nullopt;
}

std::optional<SecretSource> read_secret(const Node& node, std::string_view key,
                                        Findings& findings) {
  const Node* value = find(node, key);
  if (!value || !std::holds_alternative<Mapping>(value->content)) return std::nullopt;
  const std::string file = text_at(*value, "file");
  const std::string variable = text_at(*value, "env");
  if (file.empty() == variable.empty()) {
    findings.say(value->at, "bad-secret",
                 fmt::format("`{}` needs exactly one of `file` and `env`", key),
                 "write {file: PATH} or {env: NAME}");
    return std::nullopt;
  }
  if (!file.empty()) return FromFile{file};
  return FromEnvironment{variable};
}

std::optional<std::string> read_file(const Node& node, std::string_view key) {
  const Node* value = find(node, key);
  return value ? text_if_given(*value, "file") : std::nullopt;
}

std::vector<std::string> read_texts(const Node& node, std::string_view key) {
  std::vector<std::string> texts;
  for (const Node& item : items_at(node, key))
    if (const auto* scalar = std::get_if<Scalar>(&item.content)) texts.push_back(scalar->text);
  return texts;
}

/// Repositories may name bough's own instances, `dev-pg16`, but nobody else may take such a name.
bool is_dev_name(std::string_view name) {
  return name.starts_with("dev-");
}

/// The fields of a server as libpq's pairs, which need no encoding.
/// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
std::string pairs_of(const Node& node) {
  std::string pairs;
  const auto add = [&](std::string_view word, std::string_view key, std::string_view otherwise) {
    std::string value = find(node, key) ? text_at(node, key) : std::string(otherwise);
    if (value.empty()) return;
    for (std::size_t at = 0; (at = value.find_first_of("'\\", at)) != std::string::npos; at += 2)
      value.insert(at, "\\");
    pairs += fmt::format("{}{}='{}'", pairs.empty() ? "" : " ", word, value);
  };
  add("host", "host", "");
  add("port", "port", "5432");
  add("user", "user", "");
  add("dbname", "database", "postgres");
  add("sslmode", "sslmode", "");
  return pairs;
}

/// How to reach an instance: its `url`, or what its fields say.
std::optional<std::string> read_server(const Node& node, Engine engine, Findings& findings) {
  constexpr std::array kFields{"host", "port", "user", "database", "sslmode"};
  const auto* field = std::find_if(kFields.begin(), kFields.end(),
                                   [&](const char* key) { return find(node, key); });
  const auto url = text_if_given(node, "url");
  if (url && field != kFields.end())
    findings.say(place_of(node, *field), "bad-value",
                 fmt::format("`{}` and `url` exclude each other", *field), "remove one of them");
  if (url) report(server_complaint(engine, *url), place_of(node, "url"), "url", findings);
  if (url) return url;
  if (engine == Engine::pg && find(node, "host")) {
    std::string pairs = pairs_of(node);
    report(server_complaint(engine, pairs), place_of(node, "host"), "host", findings);
    return pairs;
  }
  findings.say(node.at, "missing-key", "an entry of `instances` has neither `url` nor `host`",
               "add `url:`");
  return std::nullopt;
}

std::optional<InstanceConfig> read_instance(const Node& node, Findings& findings) {
  auto name = read_name<InstanceRule>(node, "name", findings);
  const Engine engine = parse_engine(text_at(node, "engine")).value_or(Engine::pg);
  const auto url = read_server(node, engine, findings);
  auto password = read_secret(node, "password", findings);
  if (!name || !url) return std::nullopt;
  if (is_dev_name(name->text()))
    findings.say(place_of(node, "name"), "reserved-name",
                 "names that begin with `dev-` are bough's own instances", "choose another name");
  auto certificate = read_file(node, "client_certificate");
  auto key = read_file(node, "client_key");
  if (certificate.has_value() != key.has_value())
    findings.say(node.at, "bad-value", "`client_certificate` and `client_key` belong together",
                 "give both, or neither");
  return InstanceConfig{*std::move(name),
                        engine,
                        *url,
                        std::move(password),
                        read_file(node, "ca_cert"),
                        std::move(certificate),
                        std::move(key),
                        node.at};
}

Credentials read_credentials(const Node& repository, Findings& findings) {
  const Node* node = find(repository, "credentials");
  if (!node) return {};
  return {text_at(*node, "username"), read_secret(*node, "password", findings),
          read_file(*node, "ssh_key"), read_file(*node, "known_hosts"),
          read_file(*node, "ca_cert")};
}

std::vector<std::string> read_globs(const Node& node, std::string_view key, Findings& findings) {
  for (const Node& item : items_at(node, key))
    if (const auto* scalar = std::get_if<Scalar>(&item.content))
      report(glob_complaint(scalar->text), item.at, key, findings);
  return read_texts(node, key);
}

void read_branches(const Node& node, RepositoryConfig& repository, Findings& findings) {
  const Node* branches = find(node, "branches");
  if (!branches) return;
  if (find(*branches, "include")) repository.include = read_globs(*branches, "include", findings);
  repository.exclude = read_globs(*branches, "exclude", findings);
  if (repository.include.empty())
    findings.say(place_of(*branches, "include"), "bad-value",
                 "`include` is empty: no branch would be watched", "write [\"**\"] for all");
}

std::vector<WebhookConfig> read_webhooks(const Node& node, Findings& findings) {
  std::vector<WebhookConfig> webhooks;
  for (const Node& item : items_at(node, "webhooks"))
    if (auto secret = read_secret(item, "secret", findings))
      webhooks.push_back({text_at(item, "provider"), *std::move(secret)});
  return webhooks;
}

/// The spec is looked up in Git's tree, where only plain relative paths exist.
void check_spec_path(const Node& node, Findings& findings) {
  const auto path = text_if_given(node, "spec");
  if (!path) return;
  const std::string bounded = "/" + *path + "/";
  if (path->empty() || bounded.find("//") != std::string::npos ||
      bounded.find("/../") != std::string::npos || bounded.find("/./") != std::string::npos)
    findings.say(place_of(node, "spec"), "bad-path",
                 fmt::format("`spec` cannot be {}", in_quotes(*path)),
                 "name a file relative to the repository's root, such as app.yaml");
}

/// Which migration files there are, and what becomes of a migration that nobody knows the end of.
void read_migrations(const Node& node, RepositoryConfig& repository, Findings& findings) {
  repository.migrations = read_globs(node, "migrations", findings);
  if (find(node, "migrations") && repository.migrations.empty())
    findings.say(place_of(node, "migrations"), "bad-value", "`migrations` is empty",
                 "leave it out to have them found by the folders of well-known tools");
  const auto word = text_if_given(node, "on_unknown");
  if (word) repository.on_unknown = *word == "rerun" ? OnUnknown::rerun : OnUnknown::ask;
}

void read_commands(const Node& node, RepositoryConfig& repository, Findings& findings) {
  repository.migration_command = text_if_given(node, "migration_command");
  repository.build_command = text_if_given(node, "build_command");
  if (const Node* build = find(node, "build"))
    repository.wait_for = text_if_given(*build, "wait_for");
  read_command_rules(node, repository, findings);
}

void read_databases(const Node& node, RepositoryConfig& repository, Findings& findings) {
  repository.instance = read_name<InstanceRule>(node, "instance", findings);
  read_database_rules(node, repository, findings);
}

std::optional<RepositoryConfig> read_repository(const Node& node, Findings& findings) {
  const auto name = read_name<RepositoryRule>(node, "name", findings);
  const auto url = text_if_given(node, "url");
  if (url) report(remote_complaint(*url), place_of(node, "url"), "url", findings);
  check_spec_path(node, findings);
  // A nameless one is read to its end all the same, for the sake of its other errors.
  RepositoryConfig repository{
      .name = name ? *name : *RepositoryName::parse("nameless"),
      .url = url.value_or(""),
      .credentials = read_credentials(node, findings),
      .production_branch = read_name<BranchRule>(node, "production_branch", findings),
      .spec = text_if_given(node, "spec"),
      .at = node.at};
  read_branches(node, repository, findings);
  read_databases(node, repository, findings);
  read_commands(node, repository, findings);
  read_migrations(node, repository, findings);
  repository.webhooks = read_webhooks(node, findings);
  if (!name || !url) return std::nullopt;
  return repository;
}

std::optional<TokenConfig> read_token(const Node& node, Findings& findings) {
  auto secret = read_secret(node, "secret", findings);
  if (find(node, "scopes") && items_at(node, "scopes").empty())
    findings.say(place_of(node, "scopes"), "bad-value", "`scopes` is empty", "write [read]");
  if (!secret) return std::nullopt;
  return TokenConfig{text_at(node, "name"), read_texts(node, "scopes"), *std::move(secret),
                     read_texts(node, "repositories")};
}

/// An empty list would mean all, which nobody means by it.
void check_tokens(const Node& root, Findings& findings) {
  for (const Node& token : items_at(root, "tokens"))
    if (find(token, "repositories") && items_at(token, "repositories").empty())
      findings.say(place_of(token, "repositories"), "bad-value", "`repositories` is empty",
                   "leave it out for all");
}

/// Names of one list must differ; compares what was written, so that broken entries count too.
void check_unique(const Node& root, std::string_view list, Findings& findings) {
  std::map<std::string, Position> seen;
  for (const Node& item : items_at(root, list)) {
    const auto name = text_if_given(item, "name");
    if (!name) continue;
    const Position at = place_of(item, "name");
    const auto [first, fresh] = seen.emplace(*name, at);
    if (!fresh)
      findings.say(at, "repeated-name",
                   fmt::format("the name {} is already taken at line {}", in_quotes(*name),
                               first->second.line),
                   "names of one list must differ");
  }
}

void check_instances(const Node& root, Findings& findings) {
  std::set<std::string> names;
  for (const Node& item : items_at(root, "instances")) names.insert(text_at(item, "name"));
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const Node& item : items_at(root, "repositories")) {
    const auto name = text_if_given(item, "instance");
    if (!name || names.contains(*name) || is_dev_name(*name)) continue;
    findings.say(place_of(item, "instance"), "unknown-instance",
                 fmt::format("there is no instance {}", in_quotes(*name)),
                 known.empty() ? "add it to `instances`" : choice_fix(*name, known));
  }
}

void read_journal(const Node& root, Config& config, Findings& findings) {
  if (const auto journal = text_if_given(root, "journal")) config.journal = *journal;
  config.journal_password = read_secret(root, "journal_password", findings);
  if (config.journal != "dev")
    return report(server_complaint(Engine::pg, config.journal), place_of(root, "journal"),
                  "journal", findings);
  if (config.journal_password)
    findings.say(place_of(root, "journal_password"), "bad-value",
                 "`journal_password` is for a journal with a URL only", "remove it");
}

void read_daemon(const Node& root, Config& config, Findings& findings) {
  if (const auto folder = text_if_given(root, "data_dir")) config.data_dir = *folder;
  if (config.data_dir.empty())
    findings.say(place_of(root, "data_dir"), "bad-value", "`data_dir` is empty", "name a folder");
  if (const auto listen = text_if_given(root, "listen")) config.listen = *listen;
  report(listen_complaint(config.listen), place_of(root, "listen"), "listen", findings);
  config.public_url = text_if_given(root, "public_url");
  if (config.public_url)
    report(public_url_complaint(*config.public_url), place_of(root, "public_url"), "public_url",
           findings);
  if (const Node* tls = find(root, "tls"))
    config.tls =
        TlsConfig{read_file(*tls, "certificate").value_or(""), read_file(*tls, "key").value_or("")};
  config.poll = read_duration(root, "poll", {config.poll, std::chrono::seconds(1)}, findings);
  config.git_timeout =
      read_duration(root, "git_timeout", {config.git_timeout, std::chrono::seconds(1)}, findings);
  config.logs = read_logs(root, findings);
  config.dumps = read_dumps(root, findings);
  if (const Node* dev = find(root, "dev")) {
    config.server_binaries = read_texts(*dev, "binaries");
    config.run_as = text_if_given(*dev, "user");
  }
}

std::optional<Config> read(std::string_view text, const std::vector<Setting>& kept,
                           Findings& findings) {
  auto root = read_document(text, findings);
  if (!root) return std::nullopt;
  add_kept(*root, kept, findings);
  check(*root, config_shape(), "bough.yaml", Dialect::config, findings);
  Config config;
  read_daemon(*root, config, findings);
  read_journal(*root, config, findings);
  for (const Node& item : items_at(*root, "instances"))
    if (auto instance = read_instance(item, findings))
      config.instances.push_back(*std::move(instance));
  for (const Node& item : items_at(*root, "repositories"))
    if (auto repository = read_repository(item, findings))
      config.repositories.push_back(*std::move(repository));
  for (const Node& item : items_at(*root, "tokens"))
    if (auto token = read_token(item, findings)) config.tokens.push_back(*std::move(token));
  for (std::string_view list : {"instances", "repositories", "tokens"})
    check_unique(*root, list, findings);
  check_instances(*root, findings);
  check_tokens(*root, findings);
  if (findings.has_errors()) return std::nullopt;
  return config;
}

}  // namespace

std::optional<std::string> text_if_given(const Node& node, std::string_view key) {
  if (!find(node, key)) return std::nullopt;
  return text_at(node, key);
}

milliseconds read_duration(const Node& node, std::string_view key, const DurationRule& rule,
                           Findings& findings) {
  const auto text = text_if_given(node, key);
  if (!text) return rule.fallback;
  const auto duration = parse_duration(*text);
  if (duration && *duration >= rule.least) return *duration;
  findings.say(place_of(node, key), "bad-duration",
               duration ? fmt::format("`{}` must be at least {}", key, to_text(rule.least))
                        : fmt::format("`{}` must be a duration, not {}", key, in_quotes(*text)),
               "write it like 90s, 5m or 7d");
  return rule.fallback;
}

ConfigReading read_config(std::string_view text, std::string_view file,
                          const std::vector<Setting>& kept) {
  Findings findings(file, text);
  auto config = read(text, kept, findings);
  return {std::move(config), findings.sorted()};
}

}  // namespace bough
