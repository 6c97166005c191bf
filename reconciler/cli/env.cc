#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "reconciler/cli/commands.h"
#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

/// What an environment has, and which of it a screen should not show.
struct Shown {
  Variables variables;
  std::set<std::string> secret;
};

void mask(Shown& shown) {
  for (auto& [name, value] : shown.variables)
    if (shown.secret.contains(name)) value = "********";
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

Result<Shown> variables_for(const Globals& globals, const Target& target,
                            const std::string& component) {
  auto client = client_of(globals);
  if (!client) return client.error();
  Arguments arguments = arguments_of(target);
  arguments.put("component", component);
  auto outcome = (*client)->call("env", arguments, {});
  if (!outcome) return outcome.error();
  const auto document = nlohmann::ordered_json::parse(outcome->document);
  return Shown{document["variables"].get<Variables>(),
               document.value("secret", std::set<std::string>())};
}

}  // namespace

int env(const Globals& globals, const EnvArguments& arguments) {
  auto found = variables_for(globals, arguments.target, arguments.component);
  if (!found) return complain(found.error());
  if (on_terminal(STDOUT_FILENO) && !arguments.reveal) mask(*found);
  auto text = env_text(found->variables, globals.json ? "json" : arguments.format);
  if (!text) return complain(text.error());
  fmt::print("{}", *text);
  return kOk;
}

int exec(const Globals& globals, const ExecArguments& arguments) {
  auto found = variables_for(globals, arguments.target, arguments.component);
  if (!found) return complain(found.error());
  return become(arguments.command, found->variables);
}

int connect(const Globals& globals, const ExecArguments& arguments) {
  auto found = variables_for(globals, arguments.target, "");
  if (!found) return complain(found.error());
  std::vector<std::string> command{"psql"};
  command.insert(command.end(), arguments.command.begin(), arguments.command.end());
  return become(command, found->variables);
}

}  // namespace bough::cli
