#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "spec/offers.h"

namespace bough {

/// A value that cannot be passed on: a secret that was never written down, or that only the
/// platform can decrypt.
struct Opaque {};

/// Why a variable has no value.
struct Obstacle {
  enum class Kind { unresolved, missing_database, cycle, growth };
  Kind kind;
  std::string message;
};

/// Whether only the platform can decrypt the value.
bool is_encrypted(const EnvEntry& env);

/// Gives the variables of one app in one phase their values, following references to other
/// variables: each once, through at most 64 others, and at most 4 MiB in all.
class Resolver {
 public:
  /// The value of a database's variable; nothing when that database is not there yet.
  using Databases = std::function<std::optional<std::string>(const Bindable&)>;
  using Value = std::variant<std::string, Opaque, Obstacle>;
  /// The entry that counts for each key: one for just this phase before one for both, the last
  /// before earlier ones.
  using Level = std::map<std::string, const EnvEntry*>;

  /// The spec is borrowed.
  Resolver(const AppSpec& spec, Phase phase, Databases databases);

  /// The entries of a component, or of the app when it is null.
  const Level& level(const ComponentSpec* owner);

  /// The value of an entry of that level.
  const Value& value(const EnvEntry& env, const ComponentSpec* owner);

 private:
  Value expanded(const EnvEntry& env, const ComponentSpec* owner);
  Value referred(const Bindable& bindable, const Spot& spot);
  Value variable(const Bindable& bindable, const Spot& spot);

  const AppSpec& spec_;
  Phase phase_;
  Databases databases_;
  std::map<const ComponentSpec*, Level> levels_;
  std::map<const EnvEntry*, std::optional<Value>> values_;  ///< nothing while it is being made
  std::size_t bytes_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace bough
