#include "spec/mark.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace bough {
namespace {

using nlohmann::json;

constexpr std::string_view kPrefix = "bough ";
constexpr std::size_t kMacDigits = 32;

std::string mac(const json& fields, std::string_view name, const Key& key) {
  const auto sum = key.derive(fmt::format("mark\n{}\n{}", name, fields.dump()));
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()}).substr(0, kMacDigits);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

void write_migrated(json& fields, const std::string& prefix,
                    const std::optional<Migrated>& migrated) {
  if (!migrated) return;
  fields[prefix + "commit"] = migrated->commit.text();
  fields[prefix + "digest"] = migrated->digest;
}

/// The fields that write_migrated wrote.
std::optional<Migrated> read_migrated(const json& fields, const std::string& prefix) {
  if (!fields.contains(prefix + "commit")) return std::nullopt;
  auto commit = Commit::parse(fields.at(prefix + "commit").get<std::string>());
  if (!commit) return std::nullopt;
  return Migrated{*std::move(commit), fields.at(prefix + "digest")};
}

void write_standing(json& fields, const Standing& standing) {
  fields["standing"] = word_of(standing);
  std::visit(Match{[](const Active&) {},
                   [&](const Held& held) {
                     fields["since"] = rfc3339(held.since);
                     if (held.ask) fields["ask"] = true;
                     if (held.aside) fields["aside"] = true;
                   },
                   [&](const Detached& gone) { fields["since"] = rfc3339(gone.since); },
                   [&](const Suspended& off) { fields["since"] = rfc3339(off.since); },
                   [&](const Image& image) {
                     fields["since"] = rfc3339(image.since);
                     write_migrated(fields, "attempted_", image.attempted);
                   },
                   [&](const Scratch& copy) { fields["since"] = rfc3339(copy.since); }},
             standing);
}

json fields_of(const Mark& mark, const Key& key) {
  const Home& home = mark.place.home;
  json fields{{"v", 1},
              {"installation", key.installation()},
              {"repository", home.repository.text()},
              {"app", home.app.text()},
              {"environment", kind_of(home.environment)},
              {"component", mark.place.component.text()},
              {"generation", mark.generation},
              {"uid", uid_of(mark, key)}};
  // By it a renamed database is recognised.
  if (printable(mark.name.text()) == mark.name.text()) fields["name"] = mark.name.text();
  if (mark.opened) fields["opened"] = true;
  if (!mark.extensions.empty()) fields["extensions"] = mark.extensions;
  // Branch names are bytes; JSON is UTF-8.
  if (const auto* branch = std::get_if<Branch>(&home.environment)) {
    fields["branch"] = printable(branch->name.text());
    fields["branch_hex"] = hex(branch->name.text());
  }
  const auto* preview = std::get_if<Preview>(&home.environment);
  if (preview && preview->commit) fields["revision"] = preview->commit->text();
  write_standing(fields, mark.standing);
  write_migrated(fields, "", mark.migrated);
  if (mark.seeded) fields["seeded"] = *mark.seeded;
  write_migrated(fields, "released_", mark.released);
  if (mark.adopted) fields["adopted"] = true;
  if (!mark.owner.empty()) fields["owner_hex"] = hex(mark.owner);
  if (mark.renewed) fields["renewed"] = rfc3339(*mark.renewed);
  return fields;
}

std::optional<Environment> read_environment(const json& fields) {
  const std::string kind = fields.at("environment");
  if (kind == "preview") return environment_of(kind, fields.value("revision", ""));
  return environment_of(kind, unhex(fields.value("branch_hex", "")));
}

std::optional<Standing> read_standing(const json& fields) {
  const std::string word = fields.at("standing");
  if (word == "active") return Active{};
  const auto since = parse_rfc3339(fields.at("since").get<std::string>());
  if (!since) return std::nullopt;
  if (word == "held") return Held{*since, fields.value("ask", false), fields.value("aside", false)};
  if (word == "detached") return Detached{*since};
  if (word == "suspended") return Suspended{*since};
  if (word == "image") return Image{*since, read_migrated(fields, "attempted_")};
  if (word == "scratch") return Scratch{*since};
  return std::nullopt;
}

std::optional<Mark> read_mark(const json& fields, std::string_view name) {
  auto repository = RepositoryName::parse(fields.at("repository").get<std::string>());
  auto app = AppName::parse(fields.at("app").get<std::string>());
  auto component = ComponentName::parse(fields.at("component").get<std::string>());
  auto database = DatabaseName::parse(name);
  auto environment = read_environment(fields);
  auto standing = read_standing(fields);
  if (!repository || !app || !component || !database || !environment || !standing)
    return std::nullopt;
  Mark mark{{{*repository, *app, *environment}, *component},
            *database,
            fields.at("generation"),
            *standing,
            std::nullopt};
  mark.migrated = read_migrated(fields, "");
  mark.released = read_migrated(fields, "released_");
  if (fields.contains("seeded")) mark.seeded = fields.at("seeded").get<std::string>();
  mark.opened = fields.value("opened", false);
  mark.extensions = fields.value("extensions", std::set<std::string>());
  mark.adopted = fields.value("adopted", false);
  mark.owner = unhex(fields.value("owner_hex", ""));
  if (fields.contains("renewed"))
    mark.renewed = parse_rfc3339(fields.at("renewed").get<std::string>());
  return mark;
}

/// The fields of a mark's text, and their authentication code.
struct Signed {
  json fields;
  std::string mac;
};

std::optional<Signed> read_text(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  json fields = json::parse(text.substr(kPrefix.size()), nullptr, false);
  if (!fields.is_object() || !fields.contains("mac") || !fields["mac"].is_string())
    return std::nullopt;
  std::string given = fields["mac"];
  fields.erase("mac");
  return Signed{std::move(fields), std::move(given)};
}

std::optional<Mark> believed(const Signed& said, std::string_view name, const Key& key) {
  // The code covers every field, so past this line the fields are as encode wrote them.
  if (!equal_in_constant_time(said.mac, mac(said.fields, name, key))) return std::nullopt;
  return read_mark(said.fields, name);
}

}  // namespace

bool is_aside(const Standing& standing) {
  const auto* held = std::get_if<Held>(&standing);
  return held && held->aside;
}

bool in_place(const Standing& standing) {
  return !is_aside(standing) && !std::holds_alternative<Scratch>(standing) &&
         !std::holds_alternative<Image>(standing);
}

std::string word_of(const Standing& standing) {
  return std::visit(
      Match{[](const Active&) { return "active"; }, [](const Held&) { return "held"; },
            [](const Detached&) { return "detached"; },
            [](const Suspended&) { return "suspended"; }, [](const Image&) { return "image"; },
            [](const Scratch&) { return "scratch"; }},
      standing);
}

std::string uid_of(const Mark& mark, const Key& key) {
  const Home& home = mark.place.home;
  const std::string label =
      fmt::format("uid\n{}\n{}\n{}\n{}\n{}\n{}", home.repository.text(), home.app.text(),
                  kind_of(home.environment), hex(bytes_of(home.environment)),
                  mark.place.component.text(), hex(mark.name.text()));
  const auto sum = key.derive(label);
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()}).substr(0, 16);
}

std::string encode(const Mark& mark, const Key& key) {
  json fields = fields_of(mark, key);
  fields["mac"] = mac(fields, mark.name.text(), key);
  return std::string(kPrefix) + fields.dump();
}

std::optional<Mark> decode(std::string_view text, std::string_view name, const Key& key) {
  const auto said = read_text(text);
  return said ? believed(*said, name, key) : std::nullopt;
}

std::optional<Mark> decode_strayed(std::string_view text, std::string_view name, const Key& key) {
  const auto said = read_text(text);
  if (!said || !said->fields.contains("name") || !said->fields["name"].is_string())
    return std::nullopt;
  const std::string original = said->fields["name"];
  return original == name ? std::nullopt : believed(*said, original, key);
}

}  // namespace bough
