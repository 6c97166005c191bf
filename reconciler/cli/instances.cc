#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/documents.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

Json contents_document(const SeenInstance& seen) {
  return std::visit(Match{[](const Contents& contents) {
                            std::size_t marked = 0;
                            for (const auto& [name, database] : contents.databases)
                              marked += database.mark ? 1 : 0;
                            return Json{{"status", "Connected"},
                                        {"version", std::to_string(contents.version)},
                                        {"databases", marked},
                                        {"message", ""}};
                          },
                          [](const NotCreated& dev) {
                            return Json{{"status", "Unassigned"},
                                        {"version", std::to_string(dev.version)},
                                        {"databases", 0},
                                        {"message", "not created yet"}};
                          },
                          [](const Unreachable& silent) {
                            return Json{{"status", "Error"},
                                        {"version", Json()},
                                        {"databases", Json()},
                                        {"message", printable(silent.reason)}};
                          },
                          [](const Unavailable& none) {
                            return Json{{"status", "Error"},
                                        {"version", Json()},
                                        {"databases", Json()},
                                        {"message", printable(none.reason)}};
                          }},
                    seen);
}

Json instance_document(const InstanceName& name, const char* kind, const std::string& where,
                       const SeenInstance& seen) {
  Json item{{"name", name.text()}, {"kind", kind}, {"engine", "PG"}, {"where", where}};
  item.update(contents_document(seen));
  return item;
}

Json all_instances(Installation& installation) {
  Json list = Json::array();
  for (const InstanceConfig& linked : installation.config().instances)
    list.push_back(
        instance_document(linked.name, "linked", linked.url, installation.observe(linked.name)));
  for (DevHost* host : installation.dev_hosts())
    for (const DevHost::Status& status : host->status())
      list.push_back(instance_document(status.instance, "dev", status.where,
                                       status.created ? installation.observe(status.instance)
                                                      : SeenInstance(NotCreated{status.version})));
  return list;
}

Json dev_document(const DevHost::Status& status) {
  return {{"name", status.instance.text()},
          {"version", std::to_string(status.version)},
          {"created", status.created},
          {"running", status.running},
          {"where", status.where}};
}

int dev_status(const Globals& globals, Installation& installation) {
  Json list = Json::array();
  for (DevHost* host : installation.dev_hosts())
    for (const DevHost::Status& status : host->status()) list.push_back(dev_document(status));
  if (globals.json) {
    fmt::print("{}\n", Json{{"format_version", kFormatVersion}, {"instances", list}}.dump(2));
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

int dev_each(Installation& installation, bool start) {
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
      if (done) fmt::print("{} {}\n", status.instance.text(), start ? "is running" : "is stopped");
    }
  return exit;
}

Result<std::string> test_url(Installation& installation, const std::string& url) {
  const ServerAccess access{*InstanceName::parse("url"), url, std::nullopt, ""};
  return driver_for(Engine::pg)->connect(access, installation.key(), 1)->test();
}

}  // namespace

int instances(const Globals& globals) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  const Json list = all_instances(*session->installation);
  if (globals.json) {
    fmt::print("{}\n", Json{{"format_version", kFormatVersion}, {"instances", list}}.dump(2));
    return kOk;
  }
  if (list.empty()) fmt::print("No instances: link one in bough.yaml, or install postgresql.\n");
  for (const Json& one : list)
    fmt::print("{:<14} {:<7} {:<11} {:>4} databases  {} {}\n", one["name"].get<std::string>(),
               one["kind"].get<std::string>(), one["status"].get<std::string>(),
               one["databases"].is_number() ? std::to_string(one["databases"].get<int>()) : "?",
               one["where"].get<std::string>(), one["message"].get<std::string>());
  return kOk;
}

int test(const Globals& globals, const std::string& name_or_url) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  Installation& installation = *session->installation;
  Result<std::string> tested = std::string();
  if (name_or_url.find("://") != std::string::npos) {
    tested = test_url(installation, name_or_url);
  } else {
    auto name = InstanceName::parse(name_or_url);
    if (!name) return complain(within(printable(name_or_url), name.error()));
    auto server = installation.server(*name);
    if (!server) return complain(server.error());
    tested = (*server)->test();
  }
  if (globals.json)
    fmt::print("{}\n", Json{{"format_version", kFormatVersion},
                            {"ok", static_cast<bool>(tested)},
                            {"version", tested ? Json(*tested) : Json()},
                            {"message", tested ? "" : printable(tested.error().message)}}
                           .dump(2));
  if (!tested) return globals.json ? kFailed : complain(tested.error());
  if (!globals.json) fmt::print("OK: PostgreSQL {}\n", *tested);
  return kOk;
}

int dev(const Globals& globals, const std::string& verb) {
  auto session = open_session(globals, Settings::of_file);
  if (!session) return complain(session.error());
  if (verb == "status") return dev_status(globals, *session->installation);
  return dev_each(*session->installation, verb == "start");
}

int version(const Globals& globals) {
  if (globals.json)
    fmt::print("{}\n", Json{{"format_version", kFormatVersion}, {"version", kVersion}}.dump(2));
  else
    fmt::print("bough {}\n", kVersion);
  return kOk;
}

}  // namespace bough::cli
