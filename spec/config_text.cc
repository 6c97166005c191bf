#include "spec/config_text.h"

#include <yaml-cpp/emitter.h>

#include "spec/config_emit.h"
#include "spec/time.h"

namespace bough {
namespace {

using emit::put;
using emit::put_database_rules;
using emit::put_file;
using YAML::Key;
using YAML::Value;

void put(YAML::Emitter& out, const InstanceConfig& instance) {
  out << YAML::BeginMap;
  put(out, "name", instance.name.text());
  out << Key << "engine" << Value << std::string(word_of(instance.engine));
  put(out, "url", instance.url);
  put(out, "password", instance.password);
  put_file(out, "ca_cert", instance.ca_cert_file);
  put_file(out, "client_certificate", instance.certificate_file);
  put_file(out, "client_key", instance.key_file);
  out << YAML::EndMap;
}

void put(YAML::Emitter& out, const Credentials& login) {
  const bool none = login.username.empty() && !login.password && !login.ssh_key_file &&
                    !login.known_hosts_file && !login.ca_cert_file;
  if (none) return;
  out << Key << "credentials" << Value << YAML::BeginMap;
  put(out, "username", login.username, "");
  put(out, "password", login.password);
  put_file(out, "ssh_key", login.ssh_key_file);
  put_file(out, "known_hosts", login.known_hosts_file);
  put_file(out, "ca_cert", login.ca_cert_file);
  out << YAML::EndMap;
}

void put_branches(YAML::Emitter& out, const RepositoryConfig& repository,
                  const RepositoryConfig& usual) {
  if (repository.include == usual.include && repository.exclude == usual.exclude) return;
  out << Key << "branches" << Value << YAML::BeginMap;
  put(out, "include", repository.include, usual.include);
  put(out, "exclude", repository.exclude, usual.exclude);
  out << YAML::EndMap;
}

void put_webhooks(YAML::Emitter& out, const std::vector<WebhookConfig>& webhooks) {
  if (webhooks.empty()) return;
  out << Key << "webhooks" << Value << YAML::BeginSeq;
  for (const WebhookConfig& webhook : webhooks) {
    out << YAML::BeginMap;
    put(out, "provider", webhook.provider);
    put(out, "secret", webhook.secret);
    out << YAML::EndMap;
  }
  out << YAML::EndSeq;
}

void put_build(YAML::Emitter& out, const RepositoryConfig& repository) {
  if (!repository.wait_for) return;
  out << Key << "build" << Value << YAML::BeginMap;
  put(out, "wait_for", *repository.wait_for);
  out << YAML::EndMap;
}

const char* word_of(CommandPolicy policy) {
  switch (policy) {
    case CommandPolicy::branch:
      return "branch";
    case CommandPolicy::operators:
      return "operator";
    case CommandPolicy::none:
      return "none";
  }
  return "none";
}

void put(YAML::Emitter& out, const NetworkConfig& network) {
  if (network == NetworkConfig{}) return;
  out << Key << "network" << Value << YAML::Flow << YAML::BeginMap;
  put(out, "build", std::string(network.build ? "on" : "off"));
  put(out, "migration", std::string(network.migration ? "on" : "off"));
  out << YAML::EndMap;
}

void put(YAML::Emitter& out, const CommandLimits& limits) {
  if (limits == CommandLimits{}) return;
  out << Key << "command_limits" << Value << YAML::BeginMap;
  put(out, "memory", std::to_string(limits.memory));
  out << Key << "processes" << Value << limits.processes;
  out << Key << "files" << Value << limits.files;
  put(out, "disk", std::to_string(limits.disk));
  out << YAML::EndMap;
}

void put(YAML::Emitter& out, const DumpConfig& dumps) {
  if (dumps == DumpConfig{}) return;
  out << Key << "dumps" << Value << YAML::BeginMap;
  out << Key << "keep" << Value << to_text(dumps.keep);
  out << YAML::EndMap;
}

void put(YAML::Emitter& out, const LogConfig& logs) {
  if (logs == LogConfig{}) return;
  out << Key << "logs" << Value << YAML::BeginMap;
  out << Key << "keep" << Value << to_text(logs.keep);
  out << Key << "most" << Value << logs.most;
  out << YAML::EndMap;
}

void put_command_rules(YAML::Emitter& out, const RepositoryConfig& repository,
                       const RepositoryConfig& usual) {
  put(out, "commands", std::string(word_of(repository.commands)), word_of(usual.commands));
  if (repository.sandbox == Sandbox::off) put(out, "sandbox", std::string("off"));
  put(out, repository.network);
  put(out, repository.command_limits);
  put(out, "build_timeout", repository.build_timeout, usual.build_timeout);
  put(out, "migration_timeout", repository.migration_timeout, usual.migration_timeout);
}

template <typename Rule>
std::optional<std::string> text_of(const std::optional<Name<Rule>>& name) {
  return name ? std::optional(name->text()) : std::nullopt;
}

void put(YAML::Emitter& out, const RepositoryConfig& repository) {
  const RepositoryConfig usual{.name = repository.name};
  out << YAML::BeginMap;
  put(out, "name", repository.name.text());
  put(out, "url", repository.url);
  put(out, repository.credentials);
  put(out, "production_branch", text_of(repository.production_branch));
  put(out, "spec", repository.spec);
  put_branches(out, repository, usual);
  put(out, "instance", text_of(repository.instance));
  put(out, "migration_command", repository.migration_command);
  put(out, "build_command", repository.build_command);
  put_build(out, repository);
  put(out, "migrations", repository.migrations);
  if (repository.on_unknown)
    put(out, "on_unknown", std::string(*repository.on_unknown == OnUnknown::ask ? "ask" : "rerun"));
  put_database_rules(out, repository, usual);
  put_webhooks(out, repository.webhooks);
  put_command_rules(out, repository, usual);
  out << YAML::EndMap;
}

void put(YAML::Emitter& out, const TokenConfig& token) {
  out << YAML::BeginMap;
  put(out, "name", token.name);
  put(out, "scopes", token.scopes);
  put(out, "repositories", token.repositories);
  put(out, "secret", token.secret);
  out << YAML::EndMap;
}

void put(YAML::Emitter& out, const std::optional<TlsConfig>& tls) {
  if (!tls) return;
  out << Key << "tls" << Value << YAML::BeginMap;
  put_file(out, "certificate", tls->certificate_file);
  put_file(out, "key", tls->key_file);
  out << YAML::EndMap;
}

template <typename Item>
void put_list(YAML::Emitter& out, const char* key, const std::vector<Item>& items) {
  if (items.empty()) return;
  out << Key << key << Value << YAML::BeginSeq;
  for (const Item& item : items) put(out, item);
  out << YAML::EndSeq;
}

void put_dev(YAML::Emitter& out, const Config& config) {
  if (config.server_binaries.empty() && !config.run_as) return;
  out << Key << "dev" << Value << YAML::BeginMap;
  put(out, "binaries", config.server_binaries);
  put(out, "user", config.run_as);
  out << YAML::EndMap;
}

}  // namespace

std::string to_yaml(const Config& config) {
  const Config usual;
  YAML::Emitter out;
  out << YAML::BeginMap;
  put(out, "data_dir", config.data_dir, usual.data_dir);
  put(out, "journal", config.journal, usual.journal);
  put(out, "journal_password", config.journal_password);
  put(out, "listen", config.listen, usual.listen);
  put(out, "public_url", config.public_url);
  put(out, config.tls);
  put(out, "poll", config.poll, usual.poll);
  put(out, "git_timeout", config.git_timeout, usual.git_timeout);
  put_dev(out, config);
  put(out, config.logs);
  put(out, config.dumps);
  put_list(out, "instances", config.instances);
  put_list(out, "repositories", config.repositories);
  put_list(out, "tokens", config.tokens);
  out << YAML::EndMap;
  return std::string(out.c_str(), out.size()) + "\n";
}

}  // namespace bough
