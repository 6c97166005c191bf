#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "reconciler/cli/commands.h"
#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

void print(const nlohmann::ordered_json& document, const Globals& globals) {
  if (globals.json)
    fmt::print("{}\n", document.dump(2));
  else
    fmt::print("{}", status_text(document, colour_of(STDOUT_FILENO)));
  std::fflush(stdout);
}

}  // namespace

int status(const Globals& globals, const StatusArguments& arguments) {
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  for (;;) {
    auto outcome = (*client)->call("status", arguments_of(arguments.target), {});
    if (!outcome) return complain(outcome.error());
    if (arguments.watch && on_terminal(STDOUT_FILENO)) fmt::print("\x1b[2J\x1b[H");
    print(nlohmann::ordered_json::parse(outcome->document), globals);
    if (!arguments.watch) return outcome->exit;
    std::this_thread::sleep_for(std::chrono::seconds(2));
  }
}

}  // namespace bough::cli
