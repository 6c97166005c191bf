#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/database_commands.h"
#include "reconciler/cli/member.h"
#include "reconciler/cli/progress.h"
#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

void print_summary(const Json& summary) {
  for (const Json& refusal : summary["refusals"])
    fmt::print("refused {}: {}\n", text(refusal, "address"), text(refusal, "reason"));
  if (summary["done"] == 0 && summary["failed"] == 0) fmt::print("Nothing to do.\n");
}

std::string whose(const Json& item) {
  const std::string branch = text(item, "branch");
  const std::string revision = text(item, "revision").substr(0, 7);
  const std::string at = branch.empty() ? text(item, "environment") : branch;
  return at + (revision.empty() ? "" : " " + revision) + "/" + text(item, "component");
}

/// What has to be typed before it goes, if anything.
const char* waits_for(const Json& held) {
  if (text(held, "environment") == "production") return "; until bough destroy";
  return held["asks"] == true ? "; waits for bough confirm" : "";
}

void print_dumps(const Json& document) {
  if (document["dumps"].empty() && document["held"].empty() && document["missing"].empty())
    fmt::print("Nothing is held or dumped.\n");
  for (const Json& one : document["held"])
    fmt::print("{}  {:<24} {} on {}, since {}{}\n", one["aside"] == true ? "aside" : "held ",
               whose(one), text(one, "name"), text(one, "instance"), text(one, "held_since"),
               waits_for(one));
  for (const Json& one : document["dumps"])
    fmt::print("dump   {:<24} {}: {}, {} rows in {} tables, {} bytes, of {}, until {}\n",
               whose(one), text(one, "id"), text(one, "name"), one.value("rows", 0LL),
               one.value("tables", 0LL), one.value("bytes", 0LL), text(one, "made_at"),
               text(one, "kept_until"));
  for (const Json& one : document["missing"])
    fmt::print("none   {:<24} {}: {}, {}\n", whose(one), text(one, "id"), text(one, "name"),
               text(one, "message"));
}

int change(const Globals& globals, std::string_view operation, const Arguments& asked) {
  stop_in_order();
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  return carry_out(globals, **client, operation, asked, print_summary);
}

/// Shows what adopting would do, and asks; false when there is no agreement.
Result<bool> agreed(const Globals& globals, Client& client, Arguments& asked) {
  auto outcome = client.call("adoption", asked, {});
  if (!outcome) return outcome.error();
  const Json plan = Json::parse(outcome->document);
  if (!on_terminal(STDIN_FILENO))
    return Error{Fault::invalid,
                 "adopt asks before it acts and there is no terminal to ask on: use --yes"};
  if (!globals.json) fmt::print("{}", plan_text(plan, colour_of(STDOUT_FILENO)));
  if (!confirmed("Adopt it?")) return false;
  asked.put("plan_id", plan["plan_id"].get<std::string>());
  return true;
}

}  // namespace

int dumps(const Globals& globals, const Target& target) {
  Arguments asked;
  asked.put("repository", target.repository);
  return present(globals, "dumps", asked, print_dumps);
}

int restore(const Globals& globals, const RestoreArguments& arguments) {
  if (arguments.list) return dumps(globals, arguments.target);
  Arguments asked = arguments_of(arguments.target);
  asked.put("component", arguments.component);
  asked.put("dump", arguments.dump);
  asked.put("aside", arguments.aside);
  return change(globals, "restore", asked);
}

int confirm(const Globals& globals, const Target& target) {
  return change(globals, "confirm", arguments_of(target));
}

int reset(const Globals& globals, const ResetArguments& arguments) {
  Arguments asked = arguments_of(arguments.target);
  asked.put("component", arguments.component);
  return change(globals, "reset", asked);
}

int adopt(const Globals& globals, const AdoptArguments& arguments) {
  Arguments asked = arguments_of(arguments.target);
  asked.put("database", arguments.database);
  asked.put("component", arguments.component);
  asked.put("instance", arguments.instance);
  asked.put("reown", arguments.reown);
  if (arguments.dry_run)
    return present(globals, "adoption", asked, [](const Json& plan) {
      fmt::print("{}", plan_text(plan, colour_of(STDOUT_FILENO)));
    });
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  if (!arguments.yes) {
    auto agreement = agreed(globals, **client, asked);
    if (!agreement) return complain(agreement.error());
    if (!*agreement) return kOk;
  }
  return carry_out(globals, **client, "adopt", asked, print_summary);
}

}  // namespace bough::cli
