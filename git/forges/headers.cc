#include "git/forges/headers.h"

#include <algorithm>

namespace bough::forges {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

int count(const Headers& headers, std::string_view name) {
  return static_cast<int>(std::count_if(headers.begin(), headers.end(), [&](const Header& header) {
    return equal_ignoring_case(header.name, name);
  }));
}

std::optional<std::string_view> only(const Headers& headers, std::string_view name) {
  if (count(headers, name) != 1) return std::nullopt;
  return std::find_if(headers.begin(), headers.end(),
                      [&](const Header& header) { return equal_ignoring_case(header.name, name); })
      ->value;
}

}  // namespace bough::forges
