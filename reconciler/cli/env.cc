#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/manual.h"
#include "spec/bindables.h"

namespace bough::cli {
namespace {

using Variables = std::map<std::string, std::string>;

/// The environment that the options name; without a branch, production.
Result<Environment> environment_of(const Pass& pass, const Target& target) {
  if (target.branches.empty()) return Environment(Production{});
  auto name = BranchName::parse(target.branches.front());
  if (!name) return name.error();
  for (const WantedHome& home : pass.survey.desired.homes)
    if (home.branch == *name) return home.home.environment;
  return Environment(Branch{*name});
}

struct Found {
  std::map<std::string, Endpoint> endpoints;
  std::string first;  ///< the first database of the spec that is there
};

Result<Found> find_endpoints(Session& session, const Pass& pass, const Environment& environment,
                             const RepositoryName& repository) {
  Found found;
  for (const Ours& database : ours(pass.observed, repository, {environment})) {
    if (!std::holds_alternative<Active>(database.mark.standing))
      return Error{Fault::refused, fmt::format("database {} is {}", database.at.name.text(),
                                               word_of(database.mark.standing))};
    auto server = session.installation->server(database.at.instance);
    if (!server) return server.error();
    found.endpoints[database.at.place.component.text()] = (*server)->endpoint(database.mark);
    if (found.first.empty()) found.first = database.at.place.component.text();
  }
  for (const WantedHome& home : pass.survey.desired.homes)
    if (home.home.repository == repository && home.home.environment == environment)
      for (auto wanted = home.databases.rbegin(); wanted != home.databases.rend(); ++wanted)
        if (found.endpoints.contains(wanted->place.component.text()))
          found.first = wanted->place.component.text();
  return found;
}

const AppSpec* spec_of(const Pass& pass, const RepositoryName& repository,
                       const Environment& environment) {
  for (const auto& [home, spec] : pass.survey.specs)
    if (home.repository == repository && home.environment == environment) return &spec;
  return nullptr;
}

Result<Variables> find_variables(Session& session, const Target& target,
                                 const std::string& component) {
  auto extent = extent_of(*session.installation, target.repository, {});
  if (!extent) return extent.error();
  auto pass = look(*session.installation, *session.surveyor, *extent);
  if (!pass) return pass.error();
  const RepositoryName& repository = extent->repositories.front()->name;
  auto environment = environment_of(*pass, target);
  if (!environment) return environment.error();
  auto found = find_endpoints(session, *pass, *environment, repository);
  if (!found) return found.error();
  if (found->endpoints.empty())
    return Error{Fault::missing, fmt::format("{} has no database for {}; see bough status and "
                                             "bough plan",
                                             repository.text(), title(*environment))};
  if (const AppSpec* spec = spec_of(*pass, repository, *environment))
    return variables({*spec, component, Phase::run, found->endpoints, found->first});
  return injected_for(found->endpoints.at(found->first));
}

bool is_secret(const std::string& name, const std::string& value, const std::string& password) {
  return name.find("PASSWORD") != std::string::npos || name.find("SECRET") != std::string::npos ||
         (!password.empty() && value.find(password) != std::string::npos);
}

void mask(Variables& variables) {
  const std::string password = variables.contains("PGPASSWORD") ? variables["PGPASSWORD"] : "";
  for (auto& [name, value] : variables)
    if (is_secret(name, value, password)) value = "********";
}

/// POSIX shell: inside single quotes everything is itself.
std::string shell_quoted(const std::string& value) {
  std::string result = "'";
  for (const char c : value) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string dotenv_quoted(const std::string& value) {
  std::string result = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '$' || c == '`') result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result + "\"";
}

std::string kubernetes(const Variables& variables) {
  const nlohmann::ordered_json manifest{{"apiVersion", "v1"},
                                        {"kind", "Secret"},
                                        {"metadata", {{"name", "bough-env"}}},
                                        {"type", "Opaque"},
                                        {"stringData", variables}};
  return manifest.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string formatted(const Variables& variables, const std::string& format) {
  if (format == "json")
    return nlohmann::ordered_json(variables).dump(
               2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
           "\n";
  if (format == "kubernetes") return kubernetes(variables);
  std::string text;
  for (const auto& [name, value] : variables) {
    if (format == "shell")
      text += fmt::format("export {}={}\n", name, shell_quoted(value));
    else if (format == "docker")
      text += fmt::format("{}={}\n", name, value);
    else
      text += fmt::format("{}={}\n", name, dotenv_quoted(value));
  }
  return text;
}

int become(const std::vector<std::string>& command, const Variables& variables) {
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words.front(), words.data());
  fmt::print(stderr, "bough: cannot run {}: {}\n", command.front(), std::strerror(errno));
  return errno == ENOENT ? 127 : 126;
}

Result<Variables> variables_for(const Globals& globals, const Target& target,
                                const std::string& component) {
  auto session = open_session(globals);
  if (!session) return session.error();
  return find_variables(*session, target, component);
}

}  // namespace

int env(const Globals& globals, const EnvArguments& arguments) {
  auto found = variables_for(globals, arguments.target, arguments.component);
  if (!found) return complain(found.error());
  if (on_terminal(STDOUT_FILENO) && !arguments.reveal) mask(*found);
  fmt::print("{}", formatted(*found, globals.json ? "json" : arguments.format));
  return kOk;
}

int exec(const Globals& globals, const ExecArguments& arguments) {
  auto found = variables_for(globals, arguments.target, arguments.component);
  if (!found) return complain(found.error());
  return become(arguments.command, *found);
}

int connect(const Globals& globals, const ExecArguments& arguments) {
  auto found = variables_for(globals, arguments.target, "");
  if (!found) return complain(found.error());
  std::vector<std::string> command{"psql"};
  command.insert(command.end(), arguments.command.begin(), arguments.command.end());
  return become(command, *found);
}

}  // namespace bough::cli
