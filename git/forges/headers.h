#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bough::forges {

struct Header {
  std::string name;
  std::string value;
};
using Headers = std::vector<Header>;

/// How often a header is there, whatever the case of its name.
int count(const Headers& headers, std::string_view name);

/// The value of a header that is there exactly once: of several, none can be believed.
std::optional<std::string_view> only(const Headers& headers, std::string_view name);

bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace bough::forges
