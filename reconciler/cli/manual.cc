#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
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

}  // namespace

int suspend(const Globals& globals, const Target& target) {
  return change(globals, "suspend", arguments_of(target));
}

int resume(const Globals& globals, const Target& target) {
  return change(globals, "resume", arguments_of(target));
}

int destroy(const Globals& globals, const DestroyArguments& arguments) {
  Arguments asked = arguments_of(arguments.target);
  asked.put("confirm", arguments.confirm);
  return change(globals, "destroy", asked);
}

}  // namespace bough::cli
