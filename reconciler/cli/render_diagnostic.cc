#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "reconciler/cli/member.h"
#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string_view paint_of(std::string_view severity) {
  if (severity == "error") return "\x1b[1;31m";
  return severity == "warning" ? "\x1b[1;33m" : "\x1b[1;36m";
}

std::string painted(std::string_view words, std::string_view paint, Colour colour) {
  return colour == Colour::on ? fmt::format("{}{}\x1b[0m", paint, words) : std::string(words);
}

std::string excerpt_text(const Json& one, std::string_view paint, Colour colour) {
  const auto excerpt = one.find("excerpt");
  if (excerpt == one.end()) return "";
  const std::string mark((*excerpt)["width"].get<std::size_t>(), '^');
  return fmt::format("{:>6} | {}\n{:>6} | {:{}}{}\n", one["line"].get<int>(),
                     text(*excerpt, "line"), "", "", (*excerpt)["from"].get<std::size_t>(),
                     painted(mark, paint, colour));
}

}  // namespace

Colour colour_of(int descriptor) {
  const char* refused = std::getenv("NO_COLOR");
  const bool wanted = ::isatty(descriptor) == 1 && !(refused && *refused);
  return wanted ? Colour::on : Colour::off;
}

std::string diagnostic_text(const Json& one, Colour colour) {
  const std::string severity = text(one, "severity");
  const std::string_view paint = paint_of(severity);
  const std::string fix = text(one, "fix");
  std::string result =
      fmt::format("{}:{}:{}: {}: {}{}\n", text(one, "file"), one["line"].get<int>(),
                  one["column"].get<int>(), painted(severity, paint, colour), text(one, "message"),
                  fix.empty() ? "" : painted(" (" + fix + ")", "\x1b[32m", colour));
  result += excerpt_text(one, paint, colour);
  return result + fmt::format("{:>6} = {} [{}]\n", "", text(one, "rule"), text(one, "code"));
}

}  // namespace bough::cli
