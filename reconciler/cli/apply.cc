#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "reconciler/cli/database_commands.h"
#include "reconciler/cli/progress.h"
#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

/// `all`: the warnings as well, which nobody has seen in a plan.
void print_diagnostics(const Json& summary, bool all) {
  for (const Json& one : summary["diagnostics"])
    if (one["severity"] == "error" || (all && one["severity"] == "warning"))
      fmt::print("{}", diagnostic_text(one, colour_of(STDOUT_FILENO)));
}

void print_summary(const Json& summary, bool all) {
  for (const Json& refusal : summary["refusals"])
    fmt::print("refused {}: {}\n", refusal["address"].get<std::string>(),
               refusal["reason"].get<std::string>());
  print_diagnostics(summary, all);
  for (const Json& waiting : summary["waiting_for"])
    fmt::print("{}: {}\n", waiting["environment"].get<std::string>(),
               waiting["because"].get<std::string>());
  const int done = summary["done"], failed = summary["failed"], refused = summary["refused"];
  if (done + failed + refused + summary["waiting"].get<int>() == 0)
    fmt::print("No changes. Live state matches Git.\n");
  else
    fmt::print("Applied: {} steps done, {} failed, {} refused.\n", done, failed, refused);
}

/// The text of a saved plan, when the word names one rather than a repository.
Result<std::optional<std::string>> saved_plan(const std::string& word) {
  if (!std::filesystem::is_regular_file(word)) return std::optional<std::string>();
  auto text = read_file(word);
  if (!text) return text.error();
  if (RepositoryName::parse(word) && !text->starts_with('{')) return std::optional<std::string>();
  return std::optional(*std::move(text));
}

enum class Agreement { given, refused, nothing_to_ask };

/// Shows the plan and asks; `arguments` then name what was agreed to.
Result<Agreement> ask(const Globals& globals, Client& client, Arguments& arguments) {
  auto outcome = client.call("plan", arguments, {});
  if (!outcome) return outcome.error();
  const Json plan = Json::parse(outcome->document);
  if (!plan["applyable"].get<bool>()) return Agreement::nothing_to_ask;
  if (!on_terminal(STDIN_FILENO))
    return Error{Fault::invalid,
                 "apply asks before it acts and there is no terminal to ask on: use --yes, or "
                 "give a plan file"};
  if (!globals.json) fmt::print("{}", plan_text(plan, colour_of(STDOUT_FILENO)));
  if (!confirmed("Carry this out?")) return Agreement::refused;
  arguments.put("plan_id", plan["plan_id"].get<std::string>());
  return Agreement::given;
}

}  // namespace

int apply(const Globals& globals, const ApplyArguments& arguments) {
  stop_in_order();
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  auto saved = saved_plan(arguments.target.repository);
  if (!saved) return complain(saved.error());
  Arguments asked = arguments_of(arguments.target);
  if (*saved) {
    asked = {};
    asked.add("plan", **saved);
  } else if (!arguments.yes) {
    auto agreement = ask(globals, **client, asked);
    if (!agreement) return complain(agreement.error());
    if (*agreement == Agreement::refused) return kOk;
  }
  const bool unseen = *saved || arguments.yes;
  return carry_out(globals, **client, "apply", asked,
                   [&](const Json& summary) { print_summary(summary, unseen); });
}

int retry(const Globals& globals, const Target& target) {
  stop_in_order();
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  return carry_out(globals, **client, "retry", arguments_of(target),
                   [](const Json& summary) { print_summary(summary, true); });
}

}  // namespace bough::cli
