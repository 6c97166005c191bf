#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"

namespace bough::cli {
namespace {

void print(const nlohmann::ordered_json& document) {
  fmt::print("{}\n", document.dump(2));
}

}  // namespace

int schema(const Globals& globals, const std::string& of) {
  Arguments arguments;
  if (of == "api") return present(globals, "openapi", arguments, print);
  arguments.put("of", of);
  return present(globals, "schema", arguments, print);
}

}  // namespace bough::cli
