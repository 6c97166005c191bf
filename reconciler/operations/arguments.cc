#include "reconciler/operations/arguments.h"

#include <charconv>

namespace bough::operations {

void Arguments::add(std::string_view name, std::string value) {
  values_[std::string(name)].push_back(std::move(value));
}

void Arguments::put(std::string_view name, const std::string& value) {
  if (!value.empty()) add(name, value);
}

void Arguments::put(std::string_view name, bool value) {
  if (value) add(name, "true");
}

void Arguments::put(std::string_view name, long long value) {
  if (value != 0) add(name, std::to_string(value));
}

void Arguments::put(std::string_view name, const std::vector<std::string>& values) {
  for (const std::string& value : values) add(name, value);
}

bool Arguments::has(std::string_view name) const {
  return values_.find(name) != values_.end();
}

const std::vector<std::string>& Arguments::all(std::string_view name) const {
  static const std::vector<std::string> none;
  const auto found = values_.find(name);
  return found == values_.end() ? none : found->second;
}

const std::string& Arguments::text(std::string_view name) const {
  static const std::string none;
  const auto& values = all(name);
  return values.empty() ? none : values.front();
}

long long Arguments::number(std::string_view name) const {
  const std::string& digits = text(name);
  long long number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace bough::operations
