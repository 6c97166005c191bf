#include "spec/bindables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "spec/findings.h"
#include "spec/offers.h"

namespace bough {
namespace {

bool fits_reference(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

/// A stretch of a value: plain text, or one `${…}`.
struct Part {
  std::string_view text;
  std::optional<Bindable> bindable;
};

/// The reference that the text between `${` and `}` makes, if any.
std::optional<Bindable> reference(std::string_view inside) {
  if (inside.empty() || !std::all_of(inside.begin(), inside.end(), fits_reference))
    return std::nullopt;
  const std::size_t dot = inside.find('.');
  if (dot == std::string_view::npos) return Bindable{"", std::string(inside)};
  if (dot == 0 || dot + 1 == inside.size()) return std::nullopt;
  return Bindable{std::string(inside.substr(0, dot)), std::string(inside.substr(dot + 1))};
}

/// Takes the next part off the front of a value that is not empty.
Part take_part(std::string_view& value) {
  const auto take = [&](std::size_t length) {
    const std::string_view text = value.substr(0, length);
    value.remove_prefix(text.size());
    return text;
  };
  if (!value.starts_with("${")) return {take(std::max<std::size_t>(1, value.find("${"))), {}};
  const std::size_t end = value.find('}');
  if (end == std::string_view::npos) return {take(2), {}};
  auto bindable = reference(value.substr(2, end - 2));
  if (!bindable) return {take(2), {}};
  return {take(end + 1), std::move(bindable)};
}

std::string written(const Bindable& bindable) {
  if (bindable.component.empty()) return fmt::format("${{{}}}", bindable.variable);
  return fmt::format("${{{}.{}}}", bindable.component, bindable.variable);
}

std::vector<std::string_view> component_names(const AppSpec& spec) {
  std::vector<std::string_view> names;
  for (const DatabaseSpec& database : spec.databases) names.push_back(database.name.text());
  for (const ComponentSpec& component : spec.components) names.push_back(component.name.text());
  return names;
}

std::string existing(const AppSpec& spec) {
  const auto names = component_names(spec);
  if (names.empty()) return "the app has no components";
  return fmt::format("components are: {}", fmt::join(names, ", "));
}

std::string fix_for(const Bindable& bindable, const AppSpec& spec) {
  const std::string_view meant = nearest(bindable.component, component_names(spec));
  if (!meant.empty()) return fmt::format("did you mean ${{{}.{}}}?", meant, bindable.variable);
  return existing(spec);
}

/// Says of each reference of the entries why it cannot be resolved.
void examine(const std::vector<EnvEntry>& envs, const AppSpec& spec, Findings& findings) {
  for (const EnvEntry& env : envs)
    for (const Bindable& bindable : bindables(env.value)) {
      const Offer offer = offer_of(bindable, spec);
      if (offer == Offer::unknown_variable)
        findings.error(env.at, "unresolved-bindable",
                       fmt::format("{}: {} has no variable {}", env.key,
                                   in_quotes(bindable.component), in_quotes(bindable.variable)),
                       choice_fix(bindable.variable, offered_by(bindable.component, spec)));
      if (offer == Offer::unknown_component)
        findings.error(
            env.at, "unresolved-bindable",
            fmt::format("{}: {} names nothing in this app", env.key, in_quotes(written(bindable))),
            fix_for(bindable, spec));
    }
}

}  // namespace

std::vector<Bindable> bindables(std::string_view value) {
  std::vector<Bindable> result;
  while (!value.empty())
    if (auto part = take_part(value); part.bindable) result.push_back(*std::move(part.bindable));
  return result;
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

std::vector<Diagnostic> unresolved(const AppSpec& spec, std::string_view file) {
  Findings findings(file);
  examine(spec.envs, spec, findings);
  for (const ComponentSpec& component : spec.components) examine(component.envs, spec, findings);
  return findings.sorted();
}

}  // namespace bough
