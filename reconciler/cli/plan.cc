#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Only for who saves it: a plan tells names of databases.
Result<void> save(const std::string& file, const Json& plan) {
  const std::string text = plan.dump(2) + "\n";
  const int out = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      out >= 0 && write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const std::string reason = std::strerror(errno);
  if (out >= 0) close(out);
  if (!written) return Error{Fault::broken, "cannot write " + file + ": " + reason};
  return {};
}

void print(Json plan, const Globals& globals, bool markdown) {
  plan.erase("target");
  plan.erase("seal");
  if (globals.json) {
    fmt::print("{}\n", plan.dump(2));
  } else if (markdown) {
    fmt::print("{}", plan_markdown(plan));
  } else {
    fmt::print("{}", plan_text(plan, colour_of(STDOUT_FILENO)));
  }
}

}  // namespace

int plan(const Globals& globals, const PlanArguments& arguments) {
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  Arguments asked = arguments_of(arguments.target);
  asked.put("local", arguments.local);
  asked.put("sealed", !arguments.out.empty());
  auto outcome = (*client)->call("plan", asked, {});
  if (!outcome) return complain(outcome.error());
  const Json document = Json::parse(outcome->document);
  print(document, globals, arguments.markdown);
  if (!arguments.out.empty())
    if (auto saved = save(arguments.out, document); !saved) return complain(saved.error());
  if (outcome->exit != kOk) return outcome->exit;
  return arguments.detailed_exitcode && document["applyable"].get<bool>() ? kChanges : kOk;
}

}  // namespace bough::cli
