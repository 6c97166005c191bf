#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"

namespace bough::cli {
namespace {

using Variables = std::map<std::string, std::string>;

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
  auto client = client_of(globals);
  if (!client) return client.error();
  Arguments arguments = arguments_of(target);
  arguments.put("component", component);
  auto outcome = (*client)->call("env", arguments, {});
  if (!outcome) return outcome.error();
  const auto document = nlohmann::ordered_json::parse(outcome->document);
  return document["variables"].get<Variables>();
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
