#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bough::operations {

/// What an operation is asked with: texts by the names of its parameters.
class Arguments {
 public:
  /// Adds one more value.
  void add(std::string_view name, std::string value);
  /// Adds what a person gave; nothing for an empty text, a false flag or a zero.
  void put(std::string_view name, const std::string& value);
  void put(std::string_view name, const char* value) = delete;  // would be taken for a flag
  void put(std::string_view name, bool value);
  void put(std::string_view name, long long value);
  void put(std::string_view name, const std::vector<std::string>& values);

  bool has(std::string_view name) const;
  /// The first value; empty when there is none.
  const std::string& text(std::string_view name) const;
  const std::vector<std::string>& all(std::string_view name) const;
  bool flag(std::string_view name) const { return text(name) == "true"; }
  /// Of a checked number; else 0.
  long long number(std::string_view name) const;

  const std::map<std::string, std::vector<std::string>, std::less<>>& values() const {
    return values_;
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

}  // namespace bough::operations
