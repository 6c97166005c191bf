#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& hook) {
  std::string text = fmt::format("{} of {}\n  {}\n", hook["provider"].get<std::string>(),
                                 hook["repository"].get<std::string>(),
                                 hook["settings"]["page"].get<std::string>());
  for (const Json& line : hook["settings"]["lines"])
    text += fmt::format("    {:<32} {}\n", line["name"].get<std::string>() + ":",
                        line["value"].get<std::string>());
  for (const Json& problem : hook["problems"])
    text += fmt::format("  {}: {}\n", hook["ready"].get<bool>() ? "warning" : "OFF",
                        problem.get<std::string>());
  return text;
}

void print_webhooks(const Json& document) {
  for (const Json& hook : document["webhooks"]) fmt::print("{}\n", text_of(hook));
  if (document["webhooks"].empty())
    fmt::print(
        "No webhooks: add `webhooks: [{{provider: github, secret: {{env: HOOK_SECRET}}}}]` to"
        " the repository.\n");
}

void print_deliveries(const Json& document) {
  for (const Json& one : document["deliveries"])
    fmt::print("{:<7} {:<16} {} {}{}\n", one["ok"].get<bool>() ? "OK" : "FAILED",
               one["provider"].get<std::string>(), one["url"].get<std::string>(),
               one["status"].is_null() ? "" : one["status"].dump() + " ",
               one["message"].get<std::string>());
  if (document["deliveries"].empty()) fmt::print("No webhooks are configured.\n");
}

}  // namespace

int webhooks(const Globals& globals, const WebhooksArguments& arguments) {
  Arguments asked;
  asked.put("repository", arguments.repository);
  if (arguments.verb == "test") return present(globals, "webhooks-test", asked, print_deliveries);
  return present(globals, "webhooks", asked, print_webhooks);
}

int report_build(const Globals& globals, const BuildArguments& arguments) {
  Arguments asked;
  asked.put("repository", arguments.repository);
  asked.put("commit", arguments.commit);
  asked.put("name", arguments.name);
  asked.put("state", arguments.state);
  asked.put("branch", arguments.branch);
  asked.put("url", arguments.url);
  return present(globals, "report-build", asked, [](const Json& build) {
    fmt::print("{} {} for {}: noted\n", build["name"].get<std::string>(),
               build["state"].get<std::string>(), build["commit"].get<std::string>().substr(0, 7));
  });
}

}  // namespace bough::cli
