#include "spec/app_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "spec/app_shape.h"
#include "spec/document.h"
#include "spec/findings.h"
#include "spec/shape.h"

namespace bough {
namespace {

constexpr std::size_t kLongestObjectName = 63;

Position place_of(const Node& node, std::string_view key) {
  const Node* value = find(node, key);
  return value ? value->at : node.at;
}

/// The name of an app or component, or nothing when it is missing or wrong.
template <typename Rule>
std::optional<Name<Rule>> read_name(const Node& node, Findings& findings) {
  const Node* value = find(node, "name");
  if (!value || !std::holds_alternative<Scalar>(value->content)) return std::nullopt;
  auto name = Name<Rule>::parse(text_at(node, "name"));
  if (name) return *std::move(name);
  findings.error(value->at, "bad-name",
                 fmt::format("{} cannot be a name: {}", in_quotes(text_at(node, "name")),
                             name.error().message),
                 "use lower-case letters, digits and hyphens, beginning with a letter");
  return std::nullopt;
}

bool is_env_key(std::string_view key) {
  const auto fits = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !key.empty() && (key[0] < '0' || key[0] > '9') &&
         std::all_of(key.begin(), key.end(), fits);
}

Scope scope_of(std::string_view word) {
  if (word == "RUN_TIME") return Scope::run_time;
  if (word == "BUILD_TIME") return Scope::build_time;
  return Scope::run_and_build_time;
}

std::vector<EnvEntry> read_envs(const Node& owner, Findings& findings) {
  std::vector<EnvEntry> envs;
  std::map<std::pair<std::string, Scope>, Position> seen;
  for (const Node& item : items_at(owner, "envs")) {
    EnvEntry env{text_at(item, "key"), text_at(item, "value"), scope_of(text_at(item, "scope")),
                 text_at(item, "type") == "SECRET", place_of(item, "value")};
    const Position at = place_of(item, "key");
    if (find(item, "key") && !is_env_key(env.key))
      findings.error(at, "bad-variable",
                     fmt::format("{} cannot name a variable", in_quotes(env.key)),
                     "use letters, digits and underscores, not beginning with a digit");
    const auto [first, fresh] = seen.emplace(std::pair(env.key, env.scope), at);
    if (!fresh && !env.key.empty())
      findings.warning(at, "repeated-variable",
                       fmt::format("the variable {} was already given for this scope at line {}; "
                                   "the last one counts",
                                   in_quotes(env.key), first->second.line),
                       "remove one of the two");
    envs.push_back(std::move(env));
  }
  return envs;
}

/// The folder relative to the repository's root: the platform takes `/`, `.` and `./x` as well.
std::string read_source_dir(const Node& node, Findings& findings) {
  const std::string text = text_at(node, "source_dir");
  std::string result;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('/', start), text.size());
    const std::string part = text.substr(start, end - start);
    start = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      findings.error(place_of(node, "source_dir"), "bad-path",
                     fmt::format("`source_dir` {} leaves the repository", in_quotes(text)),
                     "name a folder below the repository's root");
      return {};
    }
    result += (result.empty() ? "" : "/") + part;
  }
  return result;
}

std::optional<JobKind> job_kind(const Node& node) {
  const std::string kind = text_at(node, "kind");
  if (kind == "PRE_DEPLOY") return JobKind::pre_deploy;
  if (kind == "FAILED_DEPLOY") return JobKind::failed_deploy;
  if (kind == "SCHEDULED") return JobKind::scheduled;
  return JobKind::post_deploy;
}

std::optional<ComponentSpec> read_component(const Node& node, ComponentKind kind,
                                            Findings& findings) {
  auto name = read_name<ComponentRule>(node, findings);
  auto source_dir = read_source_dir(node, findings);
  auto envs = read_envs(node, findings);
  if (!name) return std::nullopt;
  return ComponentSpec{kind,
                       *std::move(name),
                       kind == ComponentKind::job ? job_kind(node) : std::nullopt,
                       std::move(source_dir),
                       text_at(node, "build_command"),
                       text_at(node, "run_command"),
                       std::move(envs),
                       node.at};
}

/// A version becomes part of names and is compared as text, so only plain ones pass.
void check_version(const Node& node, Findings& findings) {
  const Node* value = find(node, "version");
  const auto* scalar = value ? std::get_if<Scalar>(&value->content) : nullptr;
  if (!scalar) return;
  const std::string& text = scalar->text;
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
  };
  if (text.size() > 32 || !std::all_of(text.begin(), text.end(), fits))
    return findings.error(value->at, "bad-version",
                          fmt::format("{} cannot be a version", in_quotes(text)),
                          "write it like \"16\"");
  const bool octal = text.size() > 1 && text[0] == '0' && text[1] != '.';
  if (octal && !scalar->quoted)
    findings.error(value->at, "bad-version",
                   fmt::format("{} reads as an octal number without quotes", in_quotes(text)),
                   "write it like \"16\"");
}

void check_object_name(const Node& node, std::string_view key, Findings& findings) {
  static constexpr std::array<std::string_view, 7> kReserved{
      "postgres", "template0",          "template1",         "mysql",
      "sys",      "information_schema", "performance_schema"};
  const std::string text = text_at(node, key);
  if (text.empty()) return;
  const Position at = place_of(node, key);
  const std::string engine = text_at(node, "engine");
  if (!engine.empty() && engine != "PG" && engine != "MYSQL" && engine != "UNSET")
    findings.warning(at, "unused-key",
                     fmt::format("`{}` means nothing for {}", key, in_quotes(engine)),
                     "it is for PG and MYSQL only");
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c != '"' && c != '\'' && c != '`' && c != ';' && c != '\\' &&
           static_cast<unsigned char>(c) >= 0x20;
  });
  if (!plain || text.size() > kLongestObjectName)
    return findings.error(at, "bad-name", fmt::format("`{}` cannot be {}", key, in_quotes(text)),
                          "use letters, digits, hyphens and underscores, at most 63");
  if (std::find(kReserved.begin(), kReserved.end(), text) != kReserved.end())
    findings.error(
        at, "reserved-name",
        fmt::format("`{}` cannot be {}, which belongs to the server", key, in_quotes(text)),
        "choose another name");
}

std::optional<DatabaseSpec> read_database(const Node& node, Findings& findings) {
  auto name = read_name<ComponentRule>(node, findings);
  const bool production = flag_at(node, "production", false);
  if (production && text_at(node, "cluster_name").empty())
    findings.error(place_of(node, "production"), "missing-cluster",
                   "a production database needs a `cluster_name`",
                   "add `cluster_name:`, or remove `production: true`");
  check_version(node, findings);
  check_object_name(node, "db_name", findings);
  check_object_name(node, "db_user", findings);
  if (!name) return std::nullopt;
  return DatabaseSpec{*std::move(name),
                      parse_engine(text_at(node, "engine")),
                      text_at(node, "version"),
                      production,
                      text_at(node, "cluster_name"),
                      text_at(node, "db_name"),
                      text_at(node, "db_user"),
                      text_at(node, "migration_command"),
                      node.at};
}

constexpr std::array<std::pair<std::string_view, ComponentKind>, 5> kComponentLists{
    {{"services", ComponentKind::service},
     {"workers", ComponentKind::worker},
     {"jobs", ComponentKind::job},
     {"static_sites", ComponentKind::static_site},
     {"functions", ComponentKind::function}}};

std::vector<ComponentSpec> read_components(const Node& app, Findings& findings) {
  std::vector<ComponentSpec> components;
  for (const auto& [key, kind] : kComponentLists)
    for (const Node& item : items_at(app, key))
      if (auto component = read_component(item, kind, findings))
        components.push_back(*std::move(component));
  std::stable_sort(components.begin(), components.end(),
                   [](const ComponentSpec& a, const ComponentSpec& b) { return a.at < b.at; });
  return components;
}

/// All lists share one set of names, since bindables know components by name only.
void check_unique(const Node& app, Findings& findings) {
  std::vector<std::pair<Position, std::string>> names;
  const auto collect = [&](std::string_view key) {
    for (const Node& item : items_at(app, key))
      if (find(item, "name")) names.emplace_back(place_of(item, "name"), text_at(item, "name"));
  };
  collect("databases");
  for (const auto& [key, kind] : kComponentLists) collect(key);
  std::sort(names.begin(), names.end());
  std::map<std::string, Position> first;
  for (const auto& [at, name] : names) {
    const auto [known, fresh] = first.emplace(name, at);
    if (!fresh)
      findings.error(at, "repeated-name",
                     fmt::format("the name {} is already taken at line {}", in_quotes(name),
                                 known->second.line),
                     "every component of an app needs a name of its own");
  }
}

std::optional<AppSpec> read_app(const Node& app, Findings& findings) {
  auto name = read_name<AppRule>(app, findings);
  std::vector<DatabaseSpec> databases;
  for (const Node& item : items_at(app, "databases"))
    if (auto database = read_database(item, findings)) databases.push_back(*std::move(database));
  auto components = read_components(app, findings);
  auto envs = read_envs(app, findings);
  check_unique(app, findings);
  if (!name || findings.has_errors()) return std::nullopt;
  return AppSpec{*std::move(name), std::move(databases), std::move(components), std::move(envs)};
}

std::optional<AppSpec> read(std::string_view text, Findings& findings) {
  auto root = read_document(text, findings);
  if (!root) return std::nullopt;
  if (std::holds_alternative<Null>(root->content)) {
    findings.error(root->at, "empty", "the file is empty", "an App Spec begins with `name: …`");
    return std::nullopt;
  }
  if (find(*root, "spec")) {
    check(*root, deploy_template_shape(), "the deploy template", Dialect::app_spec, findings);
    return read_app(*find(*root, "spec"), findings);
  }
  check(*root, app_spec_shape(), "the app", Dialect::app_spec, findings);
  return read_app(*root, findings);
}

}  // namespace

SpecReading read_app_spec(std::string_view text, std::string_view file) {
  Findings findings(file);
  auto spec = read(text, findings);
  return {std::move(spec), findings.sorted()};
}

}  // namespace bough
