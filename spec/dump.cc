#include "spec/dump.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace bough {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kIdDigits = 10;

/// When nobody could change it any more: what is dumped again after it was in use is another dump.
Instant since_of(const Mark& mark) {
  return std::visit(
      [](const auto& standing) {
        if constexpr (requires { standing.since; })
          return standing.since;
        else
          return Instant{};
      },
      mark.standing);
}

Json tables_of(const DumpContents& contents) {
  Json list = Json::array();
  for (const TableSum& table : contents.tables)
    list.push_back({{"name", table.name}, {"rows", table.rows}, {"sum", table.sum}});
  return list;
}

Error unreadable() {
  return {Fault::invalid, "it is no manifest of this installation"};
}

/// REQUIRES that all members are there and of their types: nlohmann throws otherwise.
std::optional<Dump> read_fields(const Json& fields, const Key& key) {
  auto instance = InstanceName::parse(fields.at("instance").get<std::string>());
  const std::string name = unhex(fields.at("name_hex").get<std::string>());
  auto mark = decode(fields.at("mark").get<std::string>(), name, key);
  const auto made_at = parse_rfc3339(fields.at("made_at").get<std::string>());
  if (!instance || !mark || !made_at) return std::nullopt;
  Dump dump{
      fields.at("id"), *std::move(instance), fields.at("version"), *std::move(mark),
      *made_at,        fields.at("bytes"),   fields.at("sha256"),  {fields.at("definitions"), {}}};
  for (const Json& table : fields.at("tables"))
    dump.contents.tables.push_back({table.at("name"), table.at("rows"), table.at("sum")});
  return dump;
}

}  // namespace

std::string dump_id(const InstanceName& instance, const Mark& mark) {
  const auto sum = sha256(fmt::format("dump\n{}\n{}\n{}", instance.text(), hex(mark.name.text()),
                                      since_of(mark).time_since_epoch().count()));
  return base32({reinterpret_cast<const char*>(sum.data()), sum.size()}).substr(0, kIdDigits);
}

std::string manifest_of(const Dump& dump, const Key& key) {
  const Home& home = dump.mark.place.home;
  const auto* branch = std::get_if<Branch>(&home.environment);
  const auto& migrated = dump.mark.migrated;
  const Json fields{{"format_version", "1.0"},
                    {"id", dump.id},
                    {"repository", home.repository.text()},
                    {"app", home.app.text()},
                    {"environment", kind_of(home.environment)},
                    {"branch", branch ? Json(printable(branch->name.text())) : Json()},
                    {"component", dump.mark.place.component.text()},
                    {"name", printable(dump.mark.name.text())},
                    {"name_hex", hex(dump.mark.name.text())},
                    {"instance", dump.instance.text()},
                    {"version", dump.version},
                    {"commit", migrated ? Json(migrated->commit.text()) : Json()},
                    {"held_since", rfc3339(since_of(dump.mark))},
                    {"made_at", rfc3339(dump.made_at)},
                    {"bytes", dump.bytes},
                    {"sha256", dump.checksum},
                    {"definitions", dump.contents.definitions},
                    {"tables", tables_of(dump.contents)},
                    {"mark", encode(dump.mark, key)}};
  return fields.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Dump> read_manifest(std::string_view text, const Key& key) {
  const Json fields = Json::parse(text, nullptr, false);
  if (!fields.is_object()) return unreadable();
  try {
    auto dump = read_fields(fields, key);
    if (dump && dump->id == dump_id(dump->instance, dump->mark)) return *std::move(dump);
  } catch (const Json::exception&) {
  }
  return unreadable();
}

}  // namespace bough
