#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/documents.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

Json dev_document(const DevHost::Status& status) {
  return {{"name", status.instance.text()},
          {"version", std::to_string(status.version)},
          {"created", status.created},
          {"running", status.running},
          {"where", status.where}};
}

Json dev_list(Installation& installation) {
  Json list = Json::array();
  for (DevHost* host : installation.dev_hosts())
    for (const DevHost::Status& status : host->status()) list.push_back(dev_document(status));
  return list;
}

void print_json(const Json& list) {
  fmt::print("{}\n", Json{{"format_version", kFormatVersion}, {"instances", list}}.dump(2));
}

int dev_status(const Globals& globals, Installation& installation) {
  const Json list = dev_list(installation);
  if (globals.json) {
    print_json(list);
    return kOk;
  }
  if (list.empty()) fmt::print("No PostgreSQL server programs are installed.\n");
  for (const Json& one : list)
    fmt::print("{:<12} {:<12} {}\n", one["name"].get<std::string>(),
               one["running"].get<bool>()   ? "running"
               : one["created"].get<bool>() ? "stopped"
                                            : "not created",
               one["where"].get<std::string>());
  return kOk;
}

/// Starts or stops those that were created; with `--json` it tells afterwards how they all are.
int dev_each(const Globals& globals, Installation& installation, bool start) {
  int exit = kOk;
  for (DevHost* host : installation.dev_hosts())
    for (const DevHost::Status& status : host->status()) {
      if (!status.created || (!start && !status.running)) continue;
      Result<void> done;
      if (!start) {
        done = host->stop(status.instance);
      } else if (auto access = host->ensure(status.instance); !access) {
        done = access.error();
      }
      if (!done) exit = complain(within(status.instance.text(), done.error()));
      if (done && !globals.json)
        fmt::print("{} {}\n", status.instance.text(), start ? "is running" : "is stopped");
    }
  if (globals.json) print_json(dev_list(installation));
  return exit;
}

void print_instances(const Json& document) {
  if (document["instances"].empty())
    fmt::print("No instances: link one in bough.yaml, or install postgresql.\n");
  for (const Json& one : document["instances"])
    fmt::print("{:<14} {:<7} {:<11} {:>4} databases  {} {}\n", one["name"].get<std::string>(),
               one["kind"].get<std::string>(), one["status"].get<std::string>(),
               one["databases"].is_number() ? std::to_string(one["databases"].get<int>()) : "?",
               one["where"].get<std::string>(), one["message"].get<std::string>());
}

void print_test(const Json& document) {
  if (document["ok"].get<bool>())
    fmt::print("OK: PostgreSQL {}\n", document["version"].get<std::string>());
  else
    fmt::print(stderr, "bough: {}\n", document["message"].get<std::string>());
  for (const Json& note : document["notes"]) fmt::print("note: {}\n", note.get<std::string>());
}

}  // namespace

int instances(const Globals& globals) {
  return present(globals, "instances", {}, print_instances);
}

int test(const Globals& globals, const std::string& name_or_url) {
  Arguments arguments;
  arguments.put("target", name_or_url);
  return present(globals, "test", arguments, print_test);
}

int dev(const Globals& globals, const std::string& verb) {
  if (auto here = only_here(globals, "dev"); !here) return complain(here.error());
  auto session = open_session(globals.config, Settings::of_file);
  if (!session) return complain(session.error());
  if (verb == "status") return dev_status(globals, *session->installation);
  return dev_each(globals, *session->installation, verb == "start");
}

int version(const Globals& globals) {
  return present(globals, "version", {}, [](const Json& document) {
    fmt::print("bough {}\n", document["version"].get<std::string>());
  });
}

}  // namespace bough::cli
