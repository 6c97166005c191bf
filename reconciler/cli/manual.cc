#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/database_commands.h"
#include "reconciler/cli/progress.h"

namespace bough::cli {
namespace {

void print_summary(const nlohmann::ordered_json& summary) {
  if (summary["done"] == 0 && summary["failed"] == 0) fmt::print("Nothing to do.\n");
}

int change(const Globals& globals, std::string_view operation, const Arguments& arguments) {
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  return carry_out(globals, **client, operation, arguments, print_summary);
}

int move(const Globals& globals, std::string_view operation, const MoveArguments& arguments) {
  Arguments asked;
  asked.put("repository", arguments.repository);
  if (!arguments.branch.empty()) asked.put("branch", arguments.branch);
  if (!arguments.database.empty()) asked.put("database", arguments.database);
  if (!arguments.to.empty()) asked.put("to", arguments.to);
  if (arguments.undo) asked.put("undo", true);
  return change(globals, operation, asked);
}

}  // namespace

int upgrade(const Globals& globals, const MoveArguments& arguments) {
  return move(globals, "upgrade", arguments);
}

int promote(const Globals& globals, const MoveArguments& arguments) {
  return move(globals, "promote", arguments);
}

int suspend(const Globals& globals, const Target& target) {
  return change(globals, "suspend", arguments_of(target));
}

int resume(const Globals& globals, const Target& target) {
  return change(globals, "resume", arguments_of(target));
}

int rotate(const Globals& globals, const RotateArguments& arguments) {
  Arguments asked = arguments_of(arguments.target);
  if (!arguments.component.empty()) asked.put("component", arguments.component);
  return change(globals, "rotate", asked);
}

int refresh(const Globals& globals, const std::string& repository) {
  Arguments asked;
  asked.put("repository", repository);
  return change(globals, "refresh", asked);
}

int destroy(const Globals& globals, const DestroyArguments& arguments) {
  Arguments asked = arguments_of(arguments.target);
  asked.put("confirm", arguments.confirm);
  asked.put("instance", arguments.instance);
  return change(globals, "destroy", asked);
}

}  // namespace bough::cli
