#include "reconciler/scene.h"

#include "spec/secret_files.h"

namespace bough {
namespace {

std::vector<std::string> secrets_of(const Scene& scene) {
  std::vector<std::string> secrets;
  for (const auto& [component, endpoint] : scene.endpoints) secrets.push_back(endpoint.password);
  const auto add = [&](const std::vector<EnvEntry>& envs) {
    for (const EnvEntry& entry : envs)
      if (entry.secret && !entry.value.empty()) secrets.push_back(entry.value);
  };
  add(scene.spec.envs);
  for (const ComponentSpec& component : scene.spec.components) add(component.envs);
  return secrets;
}

/// All of the network, or the servers whose databases the command's variables name.
Network network_of(bool open, const std::map<std::string, Endpoint>& endpoints) {
  if (open) return SharedNetwork{};
  OnlyServers only;
  for (const auto& [component, endpoint] : endpoints)
    only.servers.push_back({endpoint.host, endpoint.port});
  return only;
}

/// Clients of PostgreSQL take many a PG… variable for another way to another server, so that a
/// migration gets ours only.
void keep_from_redirecting(const Endpoint& endpoint,
                           std::map<std::string, std::string>& variables) {
  const auto ours = injected_for(endpoint);
  std::erase_if(variables, [&](const auto& variable) {
    return variable.first.starts_with("PG") && !ours.contains(variable.first);
  });
}

/// What is bough's own and the operator's, wherever it lies.
std::vector<std::string> hidden_from_commands(const Installation& installation) {
  const Workspace& workspace = installation.workspace();
  std::vector<std::string> hidden{workspace.data_dir};
  for (const std::string& file : secret_files(installation.config()))
    hidden.push_back(resolve(workspace, file));
  return hidden;
}

/// A private authority's certificate is of use only where the command can read it.
Result<void> show_authority(const Workspace& workspace, Endpoint& endpoint,
                            ProcessRequest& request) {
  if (endpoint.ca_cert.empty()) return {};
  auto file = authority_file(workspace, endpoint.ca_cert);
  if (!file) return file.error();
  request.sockets = {file->substr(0, file->rfind('/'))};
  endpoint.ca_cert_file = *std::move(file);
  return {};
}

}  // namespace

Result<ProcessRequest> request_for(const Scene& scene, const Command& command) {
  const bool build = command.kind == RunKind::build;
  ProcessRequest request;
  auto endpoints = scene.endpoints;
  for (auto& [component, endpoint] : endpoints)
    if (auto shown = show_authority(scene.installation.workspace(), endpoint, request); !shown)
      return shown.error();
  auto given = variables(
      {scene.spec, command.component, build ? Phase::build : Phase::run, endpoints, scene.primary});
  if (!given) return given.error();
  const auto primary = endpoints.find(scene.primary);
  if (!build && primary != endpoints.end()) keep_from_redirecting(primary->second, *given);
  request.command = command.text;
  request.root = scene.tree;
  request.folder = command.source_dir;
  request.variables = *std::move(given);
  request.secrets = secrets_of(scene);
  request.hidden = hidden_from_commands(scene.installation);
  request.deadline = build ? scene.repository.build_timeout : scene.repository.migration_timeout;
  const bool trusted = scene.author == Author::pusher;
  request.sandbox = trusted ? scene.repository.sandbox : Sandbox::required;
  request.limits = scene.repository.command_limits;
  const NetworkConfig& network = scene.repository.network;
  request.network =
      network_of(trusted && (build ? network.build : network.migration), scene.endpoints);
  request.user = scene.installation.workspace().user;
  return request;
}

}  // namespace bough
