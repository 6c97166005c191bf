#include "reconciler/installation.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace bough {
namespace {

constexpr int kConnections = 4;  // more creations at once gain nothing on a PostgreSQL server

std::string all_of(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != Severity::error) continue;
    text += (text.empty() ? "" : "\n") + to_text(diagnostic);
  }
  return text;
}

Result<Config> load(const std::string& file, const std::vector<Setting>& kept) {
  auto text = read_file(file);
  if (!text)
    return Error{Fault::missing, fmt::format("{}; name your configuration with --config FILE",
                                             text.error().message)};
  ConfigReading reading = read_config(*text, file, kept);
  if (!reading.config || has_errors(reading.diagnostics))
    return Error{Fault::invalid, all_of(reading.diagnostics)};
  return *std::move(reading.config);
}

/// The first key that another configuration cannot change while bough runs.
std::optional<std::string_view> needs_restart(const Config& before, const Config& after) {
  if (before.data_dir != after.data_dir) return "data_dir";
  if (before.journal != after.journal) return "journal";
  if (before.journal_password != after.journal_password) return "journal_password";
  if (before.listen != after.listen) return "listen";
  if (before.tls != after.tls) return "tls";
  if (before.run_as != after.run_as) return "dev.user";
  if (before.server_binaries != after.server_binaries) return "dev.binaries";
  return std::nullopt;
}

/// Instances that are reached in another way, or not at all any more.
std::vector<InstanceName> changed_instances(const Config& before, const Config& after) {
  std::vector<InstanceName> names;
  for (const InstanceConfig& old : before.instances) {
    const bool same =
        std::any_of(after.instances.begin(), after.instances.end(), [&](const InstanceConfig& one) {
          return one.name == old.name && one.engine == old.engine && one.url == old.url &&
                 one.password == old.password && one.ca_cert_file == old.ca_cert_file &&
                 one.certificate_file == old.certificate_file && one.key_file == old.key_file;
        });
    if (!same) names.push_back(old.name);
  }
  return names;
}

Result<Remote> remote_of(const Workspace& workspace, const RepositoryConfig& repository) {
  const Credentials& login = repository.credentials;
  Remote remote{repository.url, login.username, std::nullopt, "", "", ""};
  if (login.password) {
    auto password = read_secret(workspace, *login.password);
    if (!password) return within(repository.name.text(), password.error());
    remote.password = *std::move(password);
  }
  const auto file = [&](const std::optional<std::string>& path) {
    return path ? resolve(workspace, *path) : std::string();
  };
  remote.ssh_key_file = file(login.ssh_key_file);
  remote.known_hosts_file = file(login.known_hosts_file);
  remote.ca_cert_file = file(login.ca_cert_file);
  remote.pull_requests = repository.forks == Forks::approve;
  const bool relative = remote.url.starts_with("./") || remote.url.starts_with("../");
  if (relative) remote.url = resolve(workspace, remote.url);
  return remote;
}

}  // namespace

Installation::Installation(std::string config_file, Config config, Workspace workspace, Key key)
    : config_file_(std::move(config_file)),
      config_(nullptr),
      workspace_(std::move(workspace)),
      key_(key) {
  put_into_force(std::move(config));
  for (const EngineDriver* driver : engine_drivers())
    if (driver->dev_host)
      dev_hosts_[driver->engine] = driver->dev_host(
          {workspace_.shared_dir, key_, this->config().server_binaries, workspace_.user});
}

Installation::~Installation() = default;

Result<std::unique_ptr<Installation>> Installation::open(const std::string& config_file) {
  auto config = load(config_file, {});
  if (!config) return config.error();
  const auto folder = std::filesystem::absolute(config_file).parent_path().string();
  auto workspace = open_workspace(*config, folder);
  if (!workspace) return workspace.error();
  auto key = open_key(workspace->data_dir);
  if (!key) return key.error();
  return std::unique_ptr<Installation>(
      new Installation(config_file, *std::move(config), *std::move(workspace), *key));
}

void Installation::put_into_force(Config config) {
  const std::lock_guard guard(mutex_);
  configs_.push_back(std::make_unique<const Config>(std::move(config)));
  config_ = configs_.back().get();
}

Result<void> Installation::reload() {
  std::vector<Setting> kept;
  {
    const std::lock_guard guard(mutex_);
    kept = settings_;
  }
  return put_in_place(kept);
}

Result<void> Installation::put_in_place(const std::vector<Setting>& kept) {
  auto fresh = load(config_file_, kept);
  if (!fresh) return fresh.error();
  if (auto key = needs_restart(config(), *fresh))
    return Error{Fault::refused, fmt::format("{}: `{}` has changed, which takes a restart of bough",
                                             config_file_, *key)};
  for (const InstanceName& name : changed_instances(config(), *fresh)) {
    const std::lock_guard guard(mutex_);
    if (auto open = servers_.extract(name)) retired_.push_back(std::move(open.mapped()));
  }
  put_into_force(*std::move(fresh));
  return {};
}

Result<bool> Installation::take_in_settings() {
  auto there = journal();
  if (!there) return there.error();
  if (!*there) return false;
  auto kept = (*there)->settings();
  if (!kept) return kept.error();
  {
    const std::lock_guard guard(mutex_);
    if (settings_ == *kept) return false;
  }
  if (auto placed = put_in_place(*kept); !placed) return placed.error();
  const std::lock_guard guard(mutex_);
  settings_ = *std::move(kept);
  return true;
}

Result<void> Installation::check_settings(const std::vector<Setting>& kept) const {
  auto config = load(config_file_, kept);
  if (!config) return config.error();
  return {};
}

const RepositoryConfig* Installation::repository(std::string_view name) const {
  for (const RepositoryConfig& repository : config().repositories)
    if (repository.name.text() == name) return &repository;
  return nullptr;
}

DevHost* Installation::dev_host(Engine engine) const {
  const auto found = dev_hosts_.find(engine);
  return found == dev_hosts_.end() ? nullptr : found->second.get();
}

DevHost* Installation::dev_host_of(const InstanceName& instance) const {
  for (const auto& [engine, host] : dev_hosts_)
    if (host->owns(instance)) return host.get();
  return nullptr;
}

std::vector<DevHost*> Installation::dev_hosts() const {
  std::vector<DevHost*> hosts;
  for (const auto& [engine, host] : dev_hosts_) hosts.push_back(host.get());
  return hosts;
}

Result<ServerAccess> Installation::access_to(const InstanceName& instance, Dev dev) {
  for (const InstanceConfig& linked : config().instances) {
    if (linked.name != instance) continue;
    ServerAccess access{linked.name, linked.url, std::nullopt, ""};
    if (linked.ca_cert_file) access.ca_cert_file = resolve(workspace_, *linked.ca_cert_file);
    if (linked.certificate_file && linked.key_file) {
      access.certificate_file = resolve(workspace_, *linked.certificate_file);
      access.key_file = resolve(workspace_, *linked.key_file);
    }
    if (linked.password) {
      auto password = read_secret(workspace_, *linked.password);
      if (!password) return within("instance " + instance.text(), password.error());
      access.password = *std::move(password);
    }
    return access;
  }
  DevHost* host = dev_host_of(instance);
  if (!host)
    return Error{Fault::missing, "there is no instance " + instance.text() +
                                     "; bough instances lists what there is"};
  if (dev == Dev::existing && host->absent(instance))
    return Error{Fault::missing, "dev instance " + instance.text() + " does not exist yet"};
  return host->ensure(instance);
}

Result<Provisioner*> Installation::server(const InstanceName& instance, Dev dev) {
  std::mutex* turn = nullptr;
  {
    const std::lock_guard guard(mutex_);
    if (const auto open = servers_.find(instance); open != servers_.end())
      return open->second.get();
    auto& slot = connecting_[instance];
    if (!slot) slot = std::make_unique<std::mutex>();
    turn = slot.get();
  }
  const std::lock_guard wait(*turn);  // starting one server does not hold up the others
  {
    const std::lock_guard guard(mutex_);
    if (const auto open = servers_.find(instance); open != servers_.end())
      return open->second.get();
  }
  auto access = access_to(instance, dev);
  if (!access) return access.error();
  auto server = driver_for(Engine::pg)->connect(*access, key_, kConnections);
  const std::lock_guard guard(mutex_);
  return servers_.emplace(instance, std::move(server)).first->second.get();
}

SeenInstance Installation::observe(const InstanceName& instance) {
  DevHost* host = dev_host_of(instance);
  const bool linked = std::any_of(config().instances.begin(), config().instances.end(),
                                  [&](const auto& one) { return one.name == instance; });
  if (host && !linked)
    if (auto absent = host->absent(instance)) return *absent;
  auto open = server(instance);
  if (!open) return Unreachable{open.error().message};
  auto contents = (*open)->observe();
  // The server of a dev instance may have crashed: start it and look once more.
  if (!contents && host && !linked && host->ensure(instance)) contents = (*open)->observe();
  if (!contents) return Unreachable{contents.error().message};
  if (host && !linked)
    for (auto& [name, sources] : host->trusted(instance))
      if (const auto there = contents->databases.find(name); there != contents->databases.end())
        there->second.trusted = std::move(sources);
  return *std::move(contents);
}

std::vector<InstanceName> Installation::instances() const {
  std::vector<InstanceName> names;
  for (const InstanceConfig& linked : config().instances) names.push_back(linked.name);
  for (const auto& [engine, host] : dev_hosts_)
    for (const DevHost::Status& status : host->status())
      if (status.created) names.push_back(status.instance);
  return names;
}

Result<Remote> Installation::remote(const RepositoryConfig& repository) const {
  return remote_of(workspace_, repository);
}

Installation::Slot& Installation::slot_of(const RepositoryName& repository) {
  const std::lock_guard guard(mutex_);
  auto& slot = mirrors_[repository];
  if (!slot) slot = std::make_unique<Slot>();
  return *slot;
}

Result<Installation::Borrowed> Installation::mirror(const RepositoryConfig& repository,
                                                    std::chrono::milliseconds patience) {
  Slot& slot = slot_of(repository.name);
  std::unique_lock lock(slot.mutex, patience);
  if (!lock)
    return Error{Fault::locked, fmt::format("somebody else is fetching {}, and its Git host is "
                                            "slow; try again later",
                                            repository.name.text())};
  auto remote = remote_of(workspace_, repository);
  if (!remote) return remote.error();
  if (!slot.mirror || slot.remote != *remote) {
    auto opened = Mirror::open(workspace_.data_dir + "/mirrors/" + repository.name.text(), *remote);
    if (!opened) return opened.error();
    slot.mirror = std::make_unique<Mirror>(*std::move(opened));
    slot.remote = *std::move(remote);
  }
  return Borrowed{std::move(lock), slot.mirror.get()};
}

Result<ServerAccess> Installation::journal_access(Dev dev) {
  if (config().journal != "dev") {
    ServerAccess access{*InstanceName::parse("journal"), config().journal, std::nullopt, ""};
    if (config().journal_password) {
      auto password = read_secret(workspace_, *config().journal_password);
      if (!password) return within("the journal", password.error());
      access.password = *std::move(password);
    }
    return access;
  }
  DevHost* host = dev_host(Engine::pg);
  // It stays on the dev instance where it began, whatever versions come later.
  const std::string memo = workspace_.data_dir + "/journal";
  auto began = read_file(memo);
  auto where = InstanceName::parse(began ? *began : host->instance_for("").text());
  if (!where) return Error{Fault::broken, memo + " names no instance"};
  auto access = access_to(*where, dev);
  if (access && !began) std::ofstream(memo) << where->text();
  return access;
}

Result<Journal*> Installation::journal(Dev dev) {
  const std::lock_guard guard(journal_mutex_);
  if (journal_) return journal_.get();
  auto access = journal_access(dev);
  if (!access && access.error().fault == Fault::missing && dev == Dev::existing)
    return static_cast<Journal*>(nullptr);
  if (!access) return within("the journal", access.error());
  auto opened = Journal::open(*access);
  if (!opened) return opened.error();
  journal_ = *std::move(opened);
  return journal_.get();
}

}  // namespace bough
