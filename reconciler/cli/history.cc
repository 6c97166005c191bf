#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/cli/member.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string about(const Json& one) {
  const std::string commit = text(one, "commit").substr(0, 7);
  const std::string run = one["run"].is_number() ? " (run " + one["run"].dump() + ")" : "";
  return (commit.empty() ? "" : " of " + commit) + run;
}

void print(const Json& document) {
  if (document["history"].empty()) fmt::print("Nothing has happened yet.\n");
  for (const Json& one : document["history"])
    fmt::print("{}  {:<28} {}{}: {}\n", text(one, "at"), text(one, "address"), text(one, "kind"),
               about(one), text(one, "message"));
}

}  // namespace

int history(const Globals& globals, const HistoryArguments& arguments) {
  Arguments asked = arguments_of(arguments.target);
  asked.add("limit", std::to_string(arguments.limit));
  return present(globals, "history", asked, print);
}

}  // namespace bough::cli
