#include "reconciler/cli/progress.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "reconciler/cli/member.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

void print_end(const Json& line, bool failed) {
  fmt::print("{} {}: {} ({:.2f} s)\n", failed ? "FAILED" : "done  ", text(line, "address"),
             text(line, "step"), line.value("seconds", 0.0));
  if (failed) fmt::print("       {}\n", text(line, "@message"));
}

void print_line(std::string_view given) {
  const Json line = Json::parse(given, nullptr, false);
  if (!line.is_object()) return;
  const std::string type = text(line, "type");
  if (type == "apply_start" && line.contains("commands")) {
    for (const Json& command : line["commands"])
      fmt::print("run    {}: {}\n", text(line, "address"), command.get<std::string>());
  } else if (type == "apply_complete" || type == "apply_errored") {
    print_end(line, type == "apply_errored");
  } else if (type == "output") {
    fmt::print("       {} | {}\n", text(line, "address"), text(line, "@message"));
  } else if (type == "retry") {
    fmt::print("{} failed or interrupted runs will be tried again.\n", line.value("runs", 0));
  } else if (type == "warning") {
    fmt::print(stderr, "bough: {}\n", text(line, "@message"));
  }
  std::fflush(stdout);
}

}  // namespace

Emit progress_for(const Globals& globals) {
  if (!globals.json) return print_line;
  return [](std::string_view line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  };
}

int carry_out(const Globals& globals, Client& client, std::string_view operation,
              const Arguments& arguments, const Show& show) {
  auto outcome = client.call(operation, arguments, progress_for(globals));
  if (!outcome) return complain(outcome.error());
  if (globals.json)
    fmt::print("{}\n", outcome->document);
  else
    show(Json::parse(outcome->document));
  return outcome->exit;
}

}  // namespace bough::cli
