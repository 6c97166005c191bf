#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"

namespace bough::operations {
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

Json notes_document(const std::vector<std::string>& notes) {
  Json list = Json::array();
  for (const std::string& note : notes) list.push_back(printable(note));
  return list;
}

Result<Provisioner::Tested> test_url(const Installation& installation, const std::string& url) {
  const ServerAccess access{*InstanceName::parse("url"), url, std::nullopt, ""};
  return driver_for(Engine::pg)->connect(access, installation.key(), 1)->test();
}

}  // namespace

Result<Outcome> instances(Context& context, const Arguments&, const Emit&) {
  return Outcome{text_of(
      {{"format_version", kFormatVersion}, {"instances", all_instances(*context.installation)}})};
}

Result<Outcome> test(Context& context, const Arguments& arguments, const Emit&) {
  const std::string& target = arguments.text("target");
  Result<Provisioner::Tested> tested = Provisioner::Tested{};
  if (target.find("://") != std::string::npos) {
    tested = test_url(*context.installation, target);
  } else {
    auto name = InstanceName::parse(target);
    if (!name) return within(printable(target), name.error());
    auto server = context.installation->server(*name);
    if (!server) return server.error();
    tested = (*server)->test();
  }
  return Outcome{text_of({{"format_version", kFormatVersion},
                          {"ok", static_cast<bool>(tested)},
                          {"version", tested ? Json(tested->version) : Json()},
                          {"message", tested ? "" : printable(tested.error().message)},
                          {"notes", tested ? notes_document(tested->notes) : Json::array()}}),
                 tested ? kOk : kFailed};
}

}  // namespace bough::operations
