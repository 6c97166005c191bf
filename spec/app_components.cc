#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "spec/app_reading.h"
#include "spec/shape.h"
#include "spec/time.h"

namespace bough::app_reading {
namespace {

constexpr std::array<std::pair<std::string_view, ComponentKind>, 5> kComponentLists{
    {{"services", ComponentKind::service},
     {"workers", ComponentKind::worker},
     {"jobs", ComponentKind::job},
     {"static_sites", ComponentKind::static_site},
     {"functions", ComponentKind::function}}};
constexpr std::array<std::pair<std::string_view, Forge>, 3> kForges{
    {{"github", Forge::github}, {"gitlab", Forge::gitlab}, {"bitbucket", Forge::bitbucket}}};

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
      findings.say(place_of(node, "source_dir"), "bad-path",
                   fmt::format("`source_dir` {} leaves the repository", in_quotes(text)),
                   "name a folder below the repository's root");
      return {};
    }
    result += (result.empty() ? "" : "/") + part;
  }
  return result;
}

ImageSource read_image(const Node& node) {
  const Node* push = find(node, "deploy_on_push");
  return {text_at(node, "registry_type"), text_at(node, "registry"),
          text_at(node, "repository"),    text_at(node, "tag"),
          text_at(node, "digest"),        push && flag_at(*push, "enabled", false)};
}

Source read_source(const Node& node, Findings& findings) {
  Source source;
  std::string first;
  const auto take = [&](std::string_view key, Source found) {
    if (first.empty()) {
      source = std::move(found);
      first = key;
      return;
    }
    findings.say(place_of(node, key), "several-sources",
                 fmt::format("`{}` is a second source beside `{}`", key, first));
  };
  if (const Node* git = find(node, "git"))
    take("git", GitSource{text_at(*git, "repo_clone_url"), text_at(*git, "branch")});
  for (const auto& [key, forge] : kForges)
    if (const Node* at = find(node, key))
      take(key, ForgeSource{forge, text_at(*at, "repo"), text_at(*at, "branch"),
                            flag_at(*at, "deploy_on_push", false)});
  if (const Node* image = find(node, "image")) take("image", read_image(*image));
  return source;
}

JobKind job_kind(std::string_view word) {
  if (word == "PRE_DEPLOY") return JobKind::pre_deploy;
  if (word == "FAILED_DEPLOY") return JobKind::failed_deploy;
  if (word == "SCHEDULED") return JobKind::scheduled;
  return JobKind::post_deploy;
}

/// Five fields of what cron's fields are made of.
bool is_cron(std::string_view text) {
  int fields = 0;
  bool inside = false;
  for (char c : text) {
    const bool blank = c == ' ' || c == '\t';
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("*/,-?#").find(c) != std::string_view::npos;
    if (!blank && !plain) return false;
    if (!blank && !inside) ++fields;
    inside = !blank;
  }
  return fields == 5;
}

std::optional<Schedule> read_schedule(const Node& node, JobKind kind, Findings& findings) {
  const Node* schedule = find(node, "schedule");
  const std::string cron = schedule ? text_at(*schedule, "cron") : "";
  if (kind == JobKind::scheduled && cron.empty())
    findings.say(place_of(node, "kind"), "bad-schedule", "a SCHEDULED job has no `schedule`",
                 "add `schedule: {cron: \"0 3 * * *\"}`");
  if (!cron.empty() && !is_cron(cron))
    findings.say(place_of(*schedule, "cron"), "bad-schedule",
                 fmt::format("{} is no schedule of five fields", in_quotes(cron)),
                 "write it like \"0 3 * * *\"");
  if (!schedule) return std::nullopt;
  return Schedule{cron, text_at(*schedule, "time_zone")};
}

JobSpec read_job(const Node& node, Findings& findings) {
  JobSpec job;
  job.kind = job_kind(text_at(node, "kind"));
  job.schedule = read_schedule(node, job.kind, findings);
  if (const std::string text = text_at(node, "timeout"); !text.empty()) {
    const auto timeout = parse_duration(text);
    if (!timeout)
      findings.say(place_of(node, "timeout"), "bad-schedule",
                   fmt::format("`timeout` is no duration: {}", in_quotes(text)),
                   "write it like 30m or 1h30m");
    job.timeout = timeout.value_or(job.timeout);
  }
  if (const Node* termination = find(node, "termination"))
    job.grace = std::chrono::seconds(
        std::clamp(number_at(*termination, "grace_period_seconds", job.grace.count()), 1LL, 600LL));
  if (job.kind == JobKind::pre_deploy && text_at(node, "run_command").empty())
    findings.say(place_of(node, "kind"), "no-command",
                 "this job has no `run_command`, so bough runs no migration for it");
  return job;
}

std::optional<ComponentSpec> read_component(const Node& node, ComponentKind kind,
                                            Findings& findings) {
  auto name = read_name<ComponentRule>(node, findings);
  // A nameless one is read to its end all the same, for the sake of its other errors.
  ComponentSpec component{.kind = kind,
                          .name = name ? *name : *ComponentName::parse("nameless"),
                          .source = read_source(node, findings),
                          .source_dir = read_source_dir(node, findings),
                          .dockerfile_path = text_at(node, "dockerfile_path"),
                          .environment_slug = text_at(node, "environment_slug"),
                          .build_command = text_at(node, "build_command"),
                          .run_command = text_at(node, "run_command"),
                          .envs = read_envs(node, findings),
                          .at = node.at};
  if (kind == ComponentKind::job) component.job = read_job(node, findings);
  if (!name) return std::nullopt;
  return component;
}

}  // namespace

template <typename Rule>
std::optional<Name<Rule>> read_name(const Node& node, Findings& findings) {
  const Node* value = find(node, "name");
  if (!value || !std::holds_alternative<Scalar>(value->content)) return std::nullopt;
  auto name = Name<Rule>::parse(text_at(node, "name"));
  if (name) return *std::move(name);
  findings.say(value->at, "bad-name",
               fmt::format("{} cannot be a name: {}", in_quotes(text_at(node, "name")),
                           name.error().message),
               "use lower-case letters, digits and hyphens, beginning with a letter");
  return std::nullopt;
}
template std::optional<AppName> read_name<AppRule>(const Node&, Findings&);
template std::optional<ComponentName> read_name<ComponentRule>(const Node&, Findings&);

std::vector<EnvEntry> read_envs(const Node& owner, Findings& findings) {
  std::vector<EnvEntry> envs;
  std::map<std::pair<std::string, Scope>, Position> seen;
  for (const Node& item : items_at(owner, "envs")) {
    EnvEntry env{text_at(item, "key"), text_at(item, "value"), scope_of(text_at(item, "scope")),
                 text_at(item, "type") == "SECRET", place_of(item, "value")};
    const Position at = place_of(item, "key");
    if (find(item, "key") && !is_env_key(env.key))
      findings.say(at, "bad-variable", fmt::format("{} cannot name a variable", in_quotes(env.key)),
                   "use letters, digits and underscores, not beginning with a digit");
    const auto [first, fresh] = seen.emplace(std::pair(env.key, env.scope), at);
    if (!fresh && !env.key.empty())
      findings.say(at, "repeated-variable",
                   fmt::format("the variable {} was already given for this scope at line {}; "
                               "the last one counts",
                               in_quotes(env.key), first->second.line));
    envs.push_back(std::move(env));
  }
  return envs;
}

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

std::size_t count_components(const Node& app) {
  std::size_t count = 0;
  for (const auto& [key, kind] : kComponentLists) count += items_at(app, key).size();
  return count;
}

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
      findings.say(at, "repeated-name",
                   fmt::format("the name {} is already taken at line {}", in_quotes(name),
                               known->second.line),
                   "every component of an app needs a name of its own");
  }
}

}  // namespace bough::app_reading
