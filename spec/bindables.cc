#include "spec/bindables.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "spec/bindable_parts.h"
#include "spec/findings.h"

namespace bough {
namespace {

constexpr std::size_t kLongest = 200;

bool fits_reference(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

/// The reference that the text between `${` and `}` makes, if any.
std::optional<Bindable> reference(std::string_view inside) {
  if (inside.empty() || !std::all_of(inside.begin(), inside.end(), fits_reference))
    return std::nullopt;
  const std::size_t dot = inside.find('.');
  if (dot == std::string_view::npos) return Bindable{"", std::string(inside)};
  if (dot == 0 || inside.ends_with('.')) return std::nullopt;
  return Bindable{std::string(inside.substr(0, dot)), std::string(inside.substr(dot + 1))};
}

}  // namespace

Part take_part(std::string_view& value) {
  const auto take = [&](std::size_t length) {
    const std::string_view text = value.substr(0, length);
    value.remove_prefix(text.size());
    return text;
  };
  if (!value.starts_with("${")) return {take(std::max<std::size_t>(1, value.find("${"))), {}};
  // A bounded search: else many `${` without an end would cost the square of their number.
  const std::size_t length = value.substr(2, kLongest + 1).find('}');
  if (length == std::string_view::npos) return {take(2), {}};
  auto bindable = reference(value.substr(2, length));
  if (!bindable) return {take(2), {}};
  return {take(length + 3), std::move(bindable)};
}

std::vector<Bindable> bindables(std::string_view value) {
  std::vector<Bindable> result;
  while (!value.empty())
    if (auto part = take_part(value); part.bindable) result.push_back(*std::move(part.bindable));
  return result;
}

std::string written(const Bindable& bindable) {
  if (bindable.component.empty()) return fmt::format("${{{}}}", bindable.variable);
  return fmt::format("${{{}.{}}}", bindable.component, bindable.variable);
}

Result<std::string> expand(std::string_view value, const Lookup& lookup) {
  std::string result;
  while (!value.empty()) {
    const Part part = take_part(value);
    if (!part.bindable) {
      result += part.text;
      continue;
    }
    const auto known = lookup(*part.bindable);
    if (!known)
      return Error{Fault::invalid, fmt::format("{} cannot be resolved", in_quotes(part.text))};
    result += *known;
  }
  return result;
}

}  // namespace bough
