#include "reconciler/cli/settings.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

void print(const Json& document) {
  const auto text = [&](const char* member) { return document[member].get<std::string>(); };
  fmt::print("{} {} is {}{}{}\n", text("kind"), text("name"), text("done"),
             text("message").empty() ? "" : ": ", text("message"));
}

void put_password(Arguments& to, const SecretArguments& secret) {
  to.put("password_file", secret.file);
  to.put("password_env", secret.variable);
}

int change(const Globals& globals, const char* operation, const char* parameter,
           const std::string& name) {
  Arguments asked;
  asked.put(parameter, name);
  return present(globals, operation, asked, print);
}

}  // namespace

int add_repository(const Globals& globals, const RepoArguments& arguments) {
  Arguments asked;
  asked.put("name", arguments.name);
  asked.put("url", arguments.url);
  asked.put("username", arguments.username);
  put_password(asked, arguments.password);
  asked.put("ssh_key", arguments.ssh_key);
  asked.put("known_hosts", arguments.known_hosts);
  asked.put("ca_cert", arguments.ca_cert);
  asked.put("production_branch", arguments.production_branch);
  asked.put("spec", arguments.spec);
  asked.put("include", arguments.include);
  asked.put("exclude", arguments.exclude);
  asked.put("build_command", arguments.build_command);
  return present(globals, "repo-add", asked, print);
}

int remove_repository(const Globals& globals, const std::string& name) {
  return change(globals, "repo-remove", "repository", name);
}

int link(const Globals& globals, const LinkArguments& arguments) {
  Arguments asked;
  asked.put("name", arguments.name);
  asked.put("url", arguments.url);
  asked.put("engine", arguments.engine);
  put_password(asked, arguments.password);
  asked.put("ca_cert", arguments.ca_cert);
  asked.put("untried", arguments.untried);
  return present(globals, "link", asked, print);
}

int unlink(const Globals& globals, const std::string& name) {
  return change(globals, "unlink", "instance", name);
}

int assign(const Globals& globals, const AssignArguments& arguments) {
  Arguments asked;
  asked.put("repository", arguments.repository);
  asked.put("instance", arguments.instance);
  asked.put("migration_command", arguments.migration_command);
  return present(globals, "assign", asked, print);
}

int unassign(const Globals& globals, const std::string& repository) {
  return change(globals, "unassign", "repository", repository);
}

int export_config(const Globals& globals) {
  return present(globals, "export", {}, [](const Json& document) {
    fmt::print("{}", document["bough.yaml"].get<std::string>());
  });
}

}  // namespace bough::cli
