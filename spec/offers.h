#pragma once

#include <string_view>
#include <vector>

#include "spec/bindables.h"

namespace bough {

/// What becomes of a reference in an app.
enum class Offer {
  database,           ///< a variable of one of its databases
  platform,           ///< something that only the platform knows, such as APP_URL
  unknown_variable,   ///< the component has no such variable
  unknown_component,  ///< nothing in the app has that name
};
Offer offer_of(const Bindable& bindable, const AppSpec& spec);

/// The variables of the component with that name; empty when there is none.
std::vector<std::string_view> offered_by(std::string_view component, const AppSpec& spec);

/// The variables that a database of that engine offers.
std::vector<std::string_view> offered_by(Engine engine);

}  // namespace bough
