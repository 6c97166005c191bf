#pragma once

#include <string_view>
#include <vector>

#include "spec/bindables.h"

namespace bough {

/// What becomes of a reference in an app.
enum class Offer {
  database,           ///< a variable of one of its databases
  variable,           ///< an entry of `envs`: of the component, or of the app
  platform,           ///< something that only the platform knows, such as APP_URL
  unknown_variable,   ///< the component has no such variable
  unknown_component,  ///< nothing in the app has that name
};

/// Where a reference stands: in the value of the variable `key` of the component `owner`; null is
/// the app.
struct Spot {
  const AppSpec& spec;
  const ComponentSpec* owner = nullptr;
  std::string_view key = {};
};
/// A plain reference of a variable to its own name means the app's variable, if there is one.
Offer offer_of(const Bindable& bindable, const Spot& spot);

/// Null when there is none of that name.
const ComponentSpec* component_named(std::string_view name, const AppSpec& spec);

/// The variable that the reference means, without the name of a connection pool: bough runs no
/// pools, so theirs are the database's own.
std::string_view variable_of(const Bindable& bindable);

/// The variables of the component with that name; empty when there is none.
std::vector<std::string_view> offered_by(std::string_view component, const AppSpec& spec);

/// The variables that a database of that engine offers.
std::vector<std::string_view> offered_by(Engine engine);

}  // namespace bough
