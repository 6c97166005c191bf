#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "reconciler/cli/commands.h"

namespace bough::cli {
namespace {

std::string indented(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    result += fmt::format("    {}\n", printable(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

void print(const nlohmann::ordered_json& ruling) {
  const auto text = [&](const char* member) { return ruling[member].get<std::string>(); };
  fmt::print("{} ({})\n\nRule:    {}\nBecause: {}\nFix:     {}\n", text("code"), text("severity"),
             text("rule"), text("because"), text("fix"));
  if (!text("example").empty()) fmt::print("\nExample:\n{}", indented(text("example")));
}

}  // namespace

int explain(const Globals& globals, const std::string& code) {
  Arguments arguments;
  arguments.add("code", code);
  return present(globals, "explain", arguments, print);
}

}  // namespace bough::cli
