#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/cli/member.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string environment_of(const Json& run) {
  const std::string kind = text(run, "environment");
  return kind == "branch" ? "branch " + text(run, "branch") : kind;
}

void print_head(const Json& run) {
  fmt::print("== run {}: {} of {} ({}) {}, {}\n", run["id"].dump(), text(run, "kind"),
             text(run, "commit").substr(0, 7), environment_of(run), text(run, "state"),
             text(run, "started_at"));
  if (!text(run, "note").empty()) fmt::print("   {}\n", text(run, "note"));
  std::fflush(stdout);
}

/// One document a line.
void print_run(const Json& run) {
  Json line{{"format_version", "1.0"}};
  line.update(run);
  fmt::print("{}\n", line.dump());
}

Arguments log_of(const Json& run) {
  Arguments arguments;
  arguments.put("repository", text(run, "repository"));
  arguments.put("run", run["id"].get<long long>());
  return arguments;
}

int print_log(Client& client, const Json& run) {
  print_head(run);
  auto outcome = client.call("log", log_of(run), {});
  if (!outcome) return complain(outcome.error());
  fmt::print("{}", text(Json::parse(outcome->document), "text"));
  std::fflush(stdout);
  return kOk;
}

int follow_log(const Globals& globals, Client& client, const Json& run) {
  if (!globals.json) print_head(run);
  Arguments arguments = log_of(run);
  arguments.put("follow", true);
  auto outcome = client.call("log", arguments, [&](std::string_view line) {
    if (globals.json)
      fmt::print("{}\n", line);
    else
      fmt::print("{}\n", text(Json::parse(line, nullptr, false), "line"));
    std::fflush(stdout);
  });
  return outcome ? outcome->exit : complain(outcome.error());
}

void print_event(const Globals& globals, const Json& event) {
  if (globals.json)
    fmt::print("{}\n", event.dump());
  else
    fmt::print("{}  {:<14} {:<28} {}\n", text(event, "at"), text(event, "kind"),
               text(event, "address"), text(event, "message"));
  std::fflush(stdout);
}

}  // namespace

int logs(const Globals& globals, const LogsArguments& arguments) {
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  Arguments asked = arguments_of(arguments.target);
  asked.put("run", arguments.run);
  auto outcome = (*client)->call("runs", asked, {});
  if (!outcome) return complain(outcome.error());
  const Json document = Json::parse(outcome->document);
  if (arguments.follow) return follow_log(globals, **client, document["runs"].back());
  for (const Json& run : document["runs"]) {
    if (globals.json)
      print_run(run);
    else if (const int failed = print_log(**client, run); failed != kOk)
      return failed;
  }
  return kOk;
}

int events(const Globals& globals, const EventsArguments& arguments) {
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  Arguments asked;
  asked.put("repository", arguments.repository);
  asked.add("limit", std::to_string(arguments.limit));
  asked.put("follow", arguments.follow);
  auto outcome = (*client)->call("events", asked, [&](std::string_view line) {
    print_event(globals, Json::parse(line, nullptr, false));
  });
  if (!outcome) return complain(outcome.error());
  if (arguments.follow) return outcome->exit;
  const Json document = Json::parse(outcome->document);
  for (const Json& event : document["events"]) print_event(globals, event);
  return kOk;
}

}  // namespace bough::cli
