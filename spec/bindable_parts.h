#pragma once

#include <optional>
#include <string_view>

#include "spec/bindables.h"

namespace bough {

/// A stretch of a value: plain text, or one `${…}`.
struct Part {
  std::string_view text;
  std::optional<Bindable> bindable;
};

/// Takes the next part off the front of a value that is not empty.
Part take_part(std::string_view& value);

}  // namespace bough
