#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "spec/bindables.h"
#include "spec/findings.h"
#include "spec/offers.h"

namespace bough {
namespace {

using Variables = std::map<std::string, std::string>;

bool seen_in(Phase phase, Scope scope) {
  if (scope == Scope::run_and_build_time) return true;
  return (scope == Scope::build_time) == (phase == Phase::build);
}

/// The entry that counts for each key: one for just this phase before one for both, the last before
/// earlier ones.
std::map<std::string, const EnvEntry*> effective(const std::vector<EnvEntry>& envs, Phase phase) {
  std::map<std::string, const EnvEntry*> result;
  for (const EnvEntry& env : envs) {
    if (!seen_in(phase, env.scope)) continue;
    const EnvEntry*& counts = result[env.key];
    const bool finer = counts && counts->scope != Scope::run_and_build_time;
    if (!finer || env.scope != Scope::run_and_build_time) counts = &env;
  }
  return result;
}

/// Whether the value can be passed on: a secret that was never written down cannot, nor can one
/// that only the platform decrypts.
bool usable(const EnvEntry& env) {
  return !(env.secret && env.value.empty()) && !env.value.starts_with("EV[");
}

const ComponentSpec* component_named(std::string_view name, const AppSpec& spec) {
  for (const ComponentSpec& component : spec.components)
    if (component.name.text() == name) return &component;
  return nullptr;
}

std::optional<std::string> looked_up(const Bindable& bindable, const VariablesRequest& request) {
  const Offer offer = offer_of(bindable, request.spec);
  if (offer == Offer::platform) return "";
  if (offer != Offer::database) return std::nullopt;
  const auto endpoint = request.endpoints.find(bindable.component);
  if (endpoint == request.endpoints.end()) return std::nullopt;
  auto offered = bindables_of(endpoint->second);
  const auto variable = offered.find(bindable.variable);
  if (variable == offered.end()) return std::nullopt;
  return std::move(variable->second);
}

std::optional<Error> missing_endpoint(const EnvEntry& env, const VariablesRequest& request) {
  for (const Bindable& bindable : bindables(env.value))
    if (offer_of(bindable, request.spec) == Offer::database &&
        !request.endpoints.contains(bindable.component))
      return Error{Fault::missing, fmt::format("{}: the database {} is not there yet", env.key,
                                               in_quotes(bindable.component))};
  return std::nullopt;
}

/// Lays the entries of one level over those of the level above.
Result<void> overlay(const std::vector<EnvEntry>& envs, const VariablesRequest& request,
                     Variables& variables) {
  for (const auto& [key, env] : effective(envs, request.phase)) {
    variables.erase(key);
    if (!usable(*env)) continue;
    if (auto missing = missing_endpoint(*env, request)) return *std::move(missing);
    auto value =
        expand(env->value, [&](const Bindable& bindable) { return looked_up(bindable, request); });
    if (!value) return within(key, value.error());
    variables[key] = *std::move(value);
  }
  return {};
}

Result<void> inject(const VariablesRequest& request, Variables& variables) {
  if (request.primary.empty()) return {};
  const auto endpoint = request.endpoints.find(request.primary);
  if (endpoint == request.endpoints.end())
    return Error{Fault::missing,
                 fmt::format("the database {} is not there yet", in_quotes(request.primary))};
  for (auto& [key, value] : injected_for(endpoint->second)) variables[key] = value;
  return {};
}

}  // namespace

Result<std::map<std::string, std::string>> variables(const VariablesRequest& request) {
  Variables result;
  if (auto done = overlay(request.spec.envs, request, result); !done) return done.error();
  if (!request.component.empty()) {
    const ComponentSpec* component = component_named(request.component, request.spec);
    if (!component)
      return Error{Fault::missing,
                   fmt::format("the app has no component {}", in_quotes(request.component))};
    if (auto done = overlay(component->envs, request, result); !done) return done.error();
  }
  if (auto done = inject(request, result); !done) return done.error();
  return result;
}

}  // namespace bough
