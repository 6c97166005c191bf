#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <utility>

#include "spec/app_reading.h"
#include "spec/place.h"
#include "spec/resolver.h"

namespace bough::app_reading {
namespace {

constexpr std::size_t kLikelyLength = 64;  // of what a database's variable holds

std::vector<std::string_view> component_names(const AppSpec& spec) {
  std::vector<std::string_view> names;
  for (const DatabaseSpec& database : spec.databases) names.push_back(database.name.text());
  for (const ComponentSpec& component : spec.components) names.push_back(component.name.text());
  return names;
}

std::string fix_for(const Bindable& bindable, const AppSpec& spec) {
  const auto names = component_names(spec);
  const std::string known = names.empty()
                                ? "the app has no components"
                                : fmt::format("components are: {}", fmt::join(names, ", "));
  if (bindable.component.empty())
    return fmt::format("add {} to `envs`, or fill it in before the file is pushed; {}",
                       in_quotes(bindable.variable), known);
  const std::string_view meant = nearest(bindable.component, names);
  return meant.empty()
             ? known
             : fmt::format("did you mean ${{{}.{}}}?", meant, printable(bindable.variable));
}

/// The levels of an app's variables: its own, and those of its components.
std::vector<const ComponentSpec*> levels_of(const AppSpec& spec) {
  std::vector<const ComponentSpec*> levels{nullptr};
  for (const ComponentSpec& component : spec.components) levels.push_back(&component);
  return levels;
}

const std::vector<EnvEntry>& envs_of(const AppSpec& spec, const ComponentSpec* owner) {
  return owner ? owner->envs : spec.envs;
}

/// Says why a reference names nothing; gives what it names otherwise.
Offer examine(const Bindable& bindable, const EnvEntry& env, const Spot& spot, Findings& findings) {
  const Offer offer = offer_of(bindable, spot);
  const auto at = [&] { return findings.within(env.at, written(bindable)); };
  if (offer == Offer::unknown_variable)
    findings.say(at(), "unresolved-bindable",
                 fmt::format("{}: {} has no variable {}", printable(env.key),
                             in_quotes(bindable.component), in_quotes(bindable.variable)),
                 choice_fix(bindable.variable, offered_by(bindable.component, spot.spec)));
  if (offer == Offer::unknown_component)
    findings.say(at(), "unresolved-bindable",
                 fmt::format("{}: {} names nothing in this app", printable(env.key),
                             in_quotes(written(bindable))),
                 fix_for(bindable, spot.spec));
  return offer;
}

/// Whether variables refer to variables, so that they may have no end.
bool check_names(const AppSpec& spec, Findings& findings) {
  bool nested = false;
  for (const ComponentSpec* owner : levels_of(spec))
    for (const EnvEntry& env : envs_of(spec, owner))
      for (const Bindable& bindable : bindables(env.value))
        nested |= examine(bindable, env, {spec, owner, env.key}, findings) == Offer::variable;
  return nested;
}

void check_ends(const AppSpec& spec, Phase phase, Findings& findings) {
  Resolver resolver(spec, phase, [](const Bindable&) { return std::string(kLikelyLength, 'x'); });
  for (const ComponentSpec* owner : levels_of(spec))
    for (const auto& [key, env] : resolver.level(owner)) {
      const auto* obstacle = std::get_if<Obstacle>(&resolver.value(*env, owner));
      if (!obstacle) continue;
      if (obstacle->kind == Obstacle::Kind::cycle)
        findings.say(env->at, "bindable-cycle",
                     fmt::format("{}: {}", printable(key), obstacle->message));
      if (obstacle->kind == Obstacle::Kind::growth)
        return findings.say(env->at, "bindable-growth",
                            fmt::format("{}: {}", printable(key), obstacle->message));
    }
}

/// Says of each encrypted variable that a migration sees who misses it.
class Secrets {
 public:
  Secrets(const AppSpec& spec, Findings& findings)
      : findings_(findings), resolver_(spec, Phase::run, {}) {}

  void check(const ComponentSpec* owner, std::string_view migration) {
    for (const auto& [key, env] : resolver_.level(owner))
      if (is_encrypted(*env) && said_.insert(env).second)
        findings_.say(env->at, "opaque-secret",
                      fmt::format("{}: the migration {} will not be given this value, which only "
                                  "the platform can decrypt",
                                  printable(key), in_quotes(migration)));
  }

 private:
  Findings& findings_;
  Resolver resolver_;
  std::set<const EnvEntry*> said_;
};

void check_secrets(const AppSpec& spec, Findings& findings) {
  Secrets secrets(spec, findings);
  for (const DatabaseSpec& database : spec.databases)
    if (!database.migration_command.empty()) secrets.check(nullptr, database.name.text());
  for (const ComponentSpec& component : spec.components) {
    if (!migrates(component)) continue;
    secrets.check(nullptr, component.name.text());
    secrets.check(&component, component.name.text());
  }
}

}  // namespace

void check_references(const AppSpec& spec, Findings& findings) {
  if (check_names(spec, findings))
    for (Phase phase : {Phase::build, Phase::run}) check_ends(spec, phase, findings);
  check_secrets(spec, findings);
}

}  // namespace bough::app_reading
