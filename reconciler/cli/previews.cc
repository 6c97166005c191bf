#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"

namespace bough::cli {
namespace {

void print(const nlohmann::ordered_json& approval) {
  const std::string commit = approval["commit"].get<std::string>().substr(0, 7);
  if (approval["state"] == "ended")
    fmt::print("The preview of {} is over: its databases will be held.\n", commit);
  else
    fmt::print("{} of {} gets an environment: {}\n", commit, approval["ref"].get<std::string>(),
               approval["environment"].get<std::string>());
}

int say(const Globals& globals, const char* operation, const PreviewArguments& arguments) {
  Arguments asked;
  asked.put("repository", arguments.repository);
  asked.put("sha", arguments.sha);
  asked.put("ttl", arguments.ttl);
  asked.put("remove", arguments.remove);
  return present(globals, operation, asked, print);
}

}  // namespace

int approve(const Globals& globals, const PreviewArguments& arguments) {
  return say(globals, "approve", arguments);
}

int preview(const Globals& globals, const PreviewArguments& arguments) {
  return say(globals, "preview", arguments);
}

}  // namespace bough::cli
