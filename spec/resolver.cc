#include "spec/resolver.h"

#include <fmt/format.h>

#include <utility>

#include "spec/bindable_parts.h"
#include "spec/findings.h"

namespace bough {
namespace {

constexpr std::size_t kMostBytes = 4U << 20;
constexpr std::size_t kDeepest = 64;

bool seen_in(Phase phase, Scope scope) {
  if (scope == Scope::run_and_build_time) return true;
  return (scope == Scope::build_time) == (phase == Phase::build);
}

Resolver::Level effective(const std::vector<EnvEntry>& envs, Phase phase) {
  Resolver::Level result;
  for (const EnvEntry& env : envs) {
    if (!seen_in(phase, env.scope)) continue;
    const EnvEntry*& counts = result[env.key];
    const bool finer = counts && counts->scope != Scope::run_and_build_time;
    if (!finer || env.scope != Scope::run_and_build_time) counts = &env;
  }
  return result;
}

Obstacle obstacle(Obstacle::Kind kind, const Bindable& bindable, std::string_view says) {
  return {kind, fmt::format("{} {}", in_quotes(written(bindable)), says)};
}

}  // namespace

bool is_encrypted(const EnvEntry& env) {
  return env.value.starts_with("EV[");
}

Resolver::Resolver(const AppSpec& spec, Phase phase, Databases databases)
    : spec_(spec), phase_(phase), databases_(std::move(databases)) {}

const Resolver::Level& Resolver::level(const ComponentSpec* owner) {
  const auto [slot, fresh] = levels_.try_emplace(owner);
  if (fresh) slot->second = effective(owner ? owner->envs : spec_.envs, phase_);
  return slot->second;
}

const Resolver::Value& Resolver::value(const EnvEntry& env, const ComponentSpec* owner) {
  const auto [slot, fresh] = values_.try_emplace(&env);
  if (fresh) {
    ++depth_;
    slot->second = expanded(env, owner);
    --depth_;
  }
  if (!slot->second)
    slot->second = Obstacle{Obstacle::Kind::cycle,
                            fmt::format("{} refers back to itself", in_quotes(env.key))};
  return *slot->second;
}

Resolver::Value Resolver::expanded(const EnvEntry& env, const ComponentSpec* owner) {
  if (is_encrypted(env) || (env.secret && env.value.empty())) return Opaque{};
  std::string result;
  for (std::string_view rest = env.value; !rest.empty();) {
    const Part part = take_part(rest);
    Value piece = part.bindable ? referred(*part.bindable, {spec_, owner, env.key})
                                : Value(std::string(part.text));
    if (!std::holds_alternative<std::string>(piece)) return piece;
    const std::string& text = std::get<std::string>(piece);
    bytes_ += text.size();
    if (bytes_ > kMostBytes)
      return Obstacle{Obstacle::Kind::growth, "the app's variables grow beyond 4 MiB"};
    result += text;
  }
  return result;
}

Resolver::Value Resolver::referred(const Bindable& bindable, const Spot& spot) {
  switch (offer_of(bindable, spot)) {
    case Offer::platform:
      return std::string();
    case Offer::variable:
      return variable(bindable, spot);
    case Offer::database:
      if (auto text = databases_(bindable)) return *std::move(text);
      return Obstacle{
          Obstacle::Kind::missing_database,
          fmt::format("the database {} is not there yet", in_quotes(bindable.component))};
    case Offer::unknown_variable:
    case Offer::unknown_component:
      break;
  }
  return obstacle(Obstacle::Kind::unresolved, bindable, "cannot be resolved");
}

Resolver::Value Resolver::variable(const Bindable& bindable, const Spot& spot) {
  const bool named = !bindable.component.empty() && bindable.component != "_self";
  const ComponentSpec* owner = named ? component_named(bindable.component, spec_) : spot.owner;
  auto found = level(owner).find(bindable.variable);
  const bool itself = bindable.component.empty() && bindable.variable == spot.key;
  if (bindable.component.empty() && owner && (itself || found == level(owner).end())) {
    owner = nullptr;
    found = level(owner).find(bindable.variable);
  }
  if (found == level(owner).end())
    return obstacle(Obstacle::Kind::unresolved, bindable, "has another scope");
  if (depth_ >= kDeepest)
    return obstacle(Obstacle::Kind::growth, bindable, "is reached through too many others");
  return value(*found->second, owner);
}

}  // namespace bough
