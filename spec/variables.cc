#include <fmt/format.h>

#include <utility>

#include "spec/bindables.h"
#include "spec/findings.h"
#include "spec/resolver.h"

namespace bough {
namespace {

using Variables = std::map<std::string, std::string>;

/// The variables of the endpoints, made when one is first asked for.
class Offered {
 public:
  explicit Offered(const std::map<std::string, Endpoint>& endpoints) : endpoints_(endpoints) {}

  std::optional<std::string> operator()(const Bindable& bindable) {
    const auto endpoint = endpoints_.find(bindable.component);
    if (endpoint == endpoints_.end()) return std::nullopt;
    const auto [slot, fresh] = made_.try_emplace(bindable.component);
    if (fresh) slot->second = bindables_of(endpoint->second);
    const auto found = slot->second.find(std::string(variable_of(bindable)));
    if (found == slot->second.end()) return std::nullopt;
    return found->second;
  }

 private:
  const std::map<std::string, Endpoint>& endpoints_;
  std::map<std::string, Variables> made_;
};

/// Lays the entries of one level over those of the level above.
Result<void> overlay(const ComponentSpec* owner, Resolver& resolver, Variables& variables) {
  for (const auto& [key, env] : resolver.level(owner)) {
    variables.erase(key);
    const Resolver::Value& value = resolver.value(*env, owner);
    if (const auto* text = std::get_if<std::string>(&value)) variables[key] = *text;
    if (const auto* obstacle = std::get_if<Obstacle>(&value)) {
      const bool missing = obstacle->kind == Obstacle::Kind::missing_database;
      return Error{missing ? Fault::missing : Fault::invalid,
                   fmt::format("{}: {}", key, obstacle->message)};
    }
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
  Resolver resolver(request.spec, request.phase, Offered(request.endpoints));
  if (auto done = overlay(nullptr, resolver, result); !done) return done.error();
  if (!request.component.empty()) {
    const ComponentSpec* component = component_named(request.component, request.spec);
    if (!component)
      return Error{Fault::missing,
                   fmt::format("the app has no component {}", in_quotes(request.component))};
    if (auto done = overlay(component, resolver, result); !done) return done.error();
  }
  if (auto done = inject(request, result); !done) return done.error();
  return result;
}

}  // namespace bough
