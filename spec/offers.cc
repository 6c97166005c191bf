#include "spec/offers.h"

#include <algorithm>
#include <array>

namespace bough {
namespace {

constexpr std::array<std::string_view, 3> kOfApp{"APP_DOMAIN", "APP_URL", "APP_ID"};
constexpr std::array<std::string_view, 6> kOfComponent{"PRIVATE_DOMAIN",    "PRIVATE_URL",
                                                       "PRIVATE_PORT",      "PUBLIC_URL",
                                                       "PUBLIC_ROUTE_PATH", "COMMIT_HASH"};

template <typename Range>
bool has(const Range& range, std::string_view word) {
  return std::find(range.begin(), range.end(), word) != range.end();
}

bool has_entry(const std::vector<EnvEntry>& envs, std::string_view key) {
  return std::any_of(envs.begin(), envs.end(), [&](const EnvEntry& env) { return env.key == key; });
}

const DatabaseSpec* database_named(std::string_view name, const AppSpec& spec) {
  for (const DatabaseSpec& database : spec.databases)
    if (database.name.text() == name) return &database;
  return nullptr;
}

Offer offer_of_database(const Bindable& bindable, const DatabaseSpec& database) {
  const Engine engine = database.engine.value_or(Engine::pg);
  const bool pooled = variable_of(bindable).size() != bindable.variable.size();
  const bool offered = has(offered_by(engine), variable_of(bindable));
  return offered && (!pooled || engine == Engine::pg) ? Offer::database : Offer::unknown_variable;
}

Offer offer_of_component(std::string_view variable, const ComponentSpec& component) {
  if (has_entry(component.envs, variable)) return Offer::variable;
  return has(kOfComponent, variable) ? Offer::platform : Offer::unknown_variable;
}

Offer offer_without_component(std::string_view variable, const Spot& spot) {
  if (has(kOfApp, variable)) return Offer::platform;
  if (spot.owner && has(kOfComponent, variable) && !has_entry(spot.owner->envs, variable))
    return Offer::platform;
  const bool itself = variable == spot.key;
  const bool of_owner = spot.owner && !itself && has_entry(spot.owner->envs, variable);
  const bool of_app = (spot.owner || !itself) && has_entry(spot.spec.envs, variable);
  return of_owner || of_app ? Offer::variable : Offer::unknown_component;
}

}  // namespace

Offer offer_of(const Bindable& bindable, const Spot& spot) {
  if (bindable.component.empty()) return offer_without_component(bindable.variable, spot);
  if (bindable.component == "_self") {
    const bool entry = spot.owner && has_entry(spot.owner->envs, bindable.variable);
    return entry ? Offer::variable : Offer::platform;
  }
  if (const auto* database = database_named(bindable.component, spot.spec))
    return offer_of_database(bindable, *database);
  if (const auto* component = component_named(bindable.component, spot.spec))
    return offer_of_component(bindable.variable, *component);
  return Offer::unknown_component;
}

const ComponentSpec* component_named(std::string_view name, const AppSpec& spec) {
  for (const ComponentSpec& component : spec.components)
    if (component.name.text() == name) return &component;
  return nullptr;
}

std::string_view variable_of(const Bindable& bindable) {
  const std::string_view all = bindable.variable;
  return all.substr(all.rfind('.') + 1);
}

std::vector<std::string_view> offered_by(std::string_view component, const AppSpec& spec) {
  if (const DatabaseSpec* database = database_named(component, spec))
    return offered_by(database->engine.value_or(Engine::pg));
  if (component_named(component, spec)) return {kOfComponent.begin(), kOfComponent.end()};
  return {};
}

std::vector<std::string_view> offered_by(Engine engine) {
  std::vector<std::string_view> variables{"DATABASE_URL", "HOSTNAME", "PORT",
                                          "USERNAME",     "PASSWORD", "CA_CERT"};
  const bool keyed = engine == Engine::redis || engine == Engine::valkey;
  if (!keyed && engine != Engine::kafka) variables.push_back("DATABASE");
  if (engine != Engine::kafka) variables.push_back("DATABASE_PRIVATE_URL");
  if (engine == Engine::pg || engine == Engine::mysql) variables.push_back("JDBC_DATABASE_URL");
  if (keyed) variables.push_back("REDIS_URL");
  if (engine == Engine::valkey) variables.push_back("VALKEY_URL");
  return variables;
}

}  // namespace bough
