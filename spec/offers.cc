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

const DatabaseSpec* database_named(std::string_view name, const AppSpec& spec) {
  for (const DatabaseSpec& database : spec.databases)
    if (database.name.text() == name) return &database;
  return nullptr;
}

bool is_component(std::string_view name, const AppSpec& spec) {
  return std::any_of(spec.components.begin(), spec.components.end(),
                     [&](const ComponentSpec& component) { return component.name.text() == name; });
}

}  // namespace

Offer offer_of(const Bindable& bindable, const AppSpec& spec) {
  if (bindable.component.empty())
    return has(kOfApp, bindable.variable) ? Offer::platform : Offer::unknown_component;
  if (bindable.component == "_self") return Offer::platform;
  const bool offered = has(offered_by(bindable.component, spec), bindable.variable);
  if (database_named(bindable.component, spec))
    return offered ? Offer::database : Offer::unknown_variable;
  if (is_component(bindable.component, spec))
    return offered ? Offer::platform : Offer::unknown_variable;
  return Offer::unknown_component;
}

std::vector<std::string_view> offered_by(std::string_view component, const AppSpec& spec) {
  if (const DatabaseSpec* database = database_named(component, spec))
    return offered_by(database->engine.value_or(Engine::pg));
  if (is_component(component, spec)) return {kOfComponent.begin(), kOfComponent.end()};
  return {};
}

std::vector<std::string_view> offered_by(Engine engine) {
  std::vector<std::string_view> variables{"DATABASE_URL", "HOSTNAME", "PORT",
                                          "USERNAME",     "PASSWORD", "CA_CERT"};
  const bool keyed = engine == Engine::redis || engine == Engine::valkey;
  if (!keyed && engine != Engine::kafka) variables.push_back("DATABASE");
  if (engine != Engine::kafka) variables.push_back("DATABASE_PRIVATE_URL");
  if (engine == Engine::pg || engine == Engine::mysql) variables.push_back("JDBC_DATABASE_URL");
  return variables;
}

}  // namespace bough
