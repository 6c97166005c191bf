#include "spec/shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "spec/result.h"

namespace bough {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

template <typename Number, typename... Base>
std::optional<Number> all_of_it(std::string_view text, Base... base) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base...);
  if (stop != end || error != std::errc()) return std::nullopt;
  return value;
}

/// A decimal number without a fraction, such as `8080.0` or `1e3`.
std::optional<long long> whole_decimal(std::string_view text) {
  const auto value = all_of_it<double>(text);
  if (!value || std::abs(*value) > 1e15 || std::trunc(*value) != *value) return std::nullopt;
  return static_cast<long long>(*value);
}

/// In every form that YAML 1.1 has for one: `16`, `+16`, `1_6`, `0x10`, `020`, `16.0`.
std::optional<long long> whole_number(std::string_view text) {
  std::string plain(text);
  std::erase(plain, '_');
  std::string_view digits = plain;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty() || digits.front() == '-' || digits.front() == '+') return std::nullopt;
  std::optional<long long> value;
  if (digits.starts_with("0x"))
    value = all_of_it<long long>(digits.substr(2), 16);
  else if (digits.starts_with("0o"))
    value = all_of_it<long long>(digits.substr(2), 8);
  else if (digits.starts_with('0'))
    value = all_of_it<long long>(digits, 8);
  else
    value = all_of_it<long long>(digits, 10);
  if (!value) value = whole_decimal(digits);
  return value && negative ? -*value : value;
}

std::vector<std::string_view> names_of(const Object& object) {
  std::vector<std::string_view> names;
  for (const Key& key : object.keys) names.push_back(key.name);
  return names;
}

const Key* key_named(const Object& object, std::string_view name) {
  for (const Key& key : object.keys)
    if (key.name == name) return &key;
  return nullptr;
}

/// The keys of an entry of that list; nothing when it is no list of mappings.
const Object* entries_of(const Key& key) {
  const auto* list = std::get_if<List>(&key.shape->form);
  return list ? std::get_if<Object>(&list->item->form) : nullptr;
}

/// Compares one tree with its shape.
class Checker {
 public:
  Checker(const Shape& top, Dialect dialect, Findings& findings)
      : top_(std::get_if<Object>(&top.form)), dialect_(dialect), findings_(findings) {}

  void check(Node& node, const Shape& shape, std::string_view name) const {
    if (std::holds_alternative<Null>(node.content)) return;
    std::visit([&](const auto& form) { fit(node, form, name); }, shape.form);
  }

 private:
  void fit(Node& node, const Text&, std::string_view name) const {
    if (const Scalar* scalar = scalar_of(node, "a text", name)) check_quotes(node, *scalar, name);
  }

  void check_quotes(const Node& node, const Scalar& scalar, std::string_view name) const {
    if (scalar.quoted || dialect_ == Dialect::config) return;
    if (plain_kind(scalar.text) == Plain::text) return;
    findings_.say(node.at, "unquoted",
                  fmt::format("{} is taken as a text, though it is {}; other readers of the App "
                              "Spec refuse it",
                              name, description(node)));
  }

  void fit(Node& node, const NameText&, std::string_view name) const {
    const Scalar* scalar = scalar_of(node, "a text", name);
    if (!scalar || scalar->quoted || plain_kind(scalar->text) == Plain::text) return;
    wrong_type(node, "a text", name, "put it in quotes");
  }

  void fit(Node& node, const Flag&, std::string_view name) const {
    const Scalar* scalar = scalar_of(node, "true or false", name);
    if (!scalar || (!scalar->quoted && plain_boolean(scalar->text))) return;
    const bool only_quotes = plain_boolean(scalar->text).has_value();
    wrong_type(node, "true or false", name,
               only_quotes ? "remove the quotes" : "write true or false, without quotes");
  }

  void fit(Node& node, const WholeNumber& limits, std::string_view name) const {
    const Scalar* scalar = scalar_of(node, "a whole number", name);
    if (!scalar) return;
    const auto number = whole_number(scalar->text);
    if (number && !scalar->quoted) return check_limits(node, *number, limits, name);
    if (number) return wrong_type(node, "a whole number", name, "remove the quotes");
    findings_.say(node.at, "wrong-type",
                  fmt::format("{} must be a whole number, not {}", name, in_quotes(scalar->text)),
                  "write digits only");
  }

  void fit(Node& node, const DecimalNumber&, std::string_view name) const {
    const Scalar* scalar = scalar_of(node, "a number", name);
    if (!scalar || (!scalar->quoted && plain_kind(scalar->text) == Plain::number)) return;
    wrong_type(node, "a number", name, "write a number without quotes");
  }

  void fit(Node& node, const Choice& choice, std::string_view name) const {
    const Scalar* scalar = scalar_of(node, "a text", name);
    if (!scalar) return;
    const std::vector<std::string_view> words(choice.words.begin(), choice.words.end());
    check_quotes(node, *scalar, name);
    if (std::find(words.begin(), words.end(), scalar->text) != words.end()) return;
    const bool unset = dialect_ == Dialect::app_spec && scalar->text.empty();
    if (unset || choice.others == Others::fine) return;
    const std::string_view meant = nearest(scalar->text, words);
    const bool refused = choice.others == Others::refused;
    findings_.say(node.at, refused ? "unknown-value" : "unfamiliar-value",
                  fmt::format("{} {} {}; it is one of: {}", name,
                              refused ? "cannot be" : "is not known to be", in_quotes(scalar->text),
                              fmt::join(words, ", ")),
                  meant.empty() ? "" : fmt::format("did you mean {}?", meant));
  }

  void check_limits(const Node& node, long long number, const WholeNumber& limits,
                    std::string_view name) const {
    if (number >= limits.least && number <= limits.most) return;
    findings_.say(node.at, "out-of-range",
                  fmt::format("{} is {}; the platform takes {} to {}", name, number, limits.least,
                              limits.most));
  }

  void fit(Node& node, const List& list, std::string_view name) const {
    auto* sequence = std::get_if<Sequence>(&node.content);
    if (!sequence)
      return wrong_type(node, "a list", name, "begin each entry on a line of its own with `- `");
    for (std::size_t i = 0; i < sequence->items.size(); ++i) {
      Node& item = sequence->items[i];
      // The parser gives nothing the place of what comes after it.
      if (std::holds_alternative<Null>(item.content))
        findings_.say(node.at, "wrong-type", fmt::format("entry {} of {} is empty", i + 1, name),
                      "fill it in or remove it");
      check(item, *list.item, fmt::format("an entry of {}", name));
    }
  }

  void fit(Node& node, const Object& object, std::string_view name) const {
    auto* mapping = std::get_if<Mapping>(&node.content);
    if (!mapping) return wrong_type(node, "a mapping", name, object.hint);
    for (Entry& entry : mapping->entries) check_entry(entry, *mapping, object, name);
    for (const Key& key : object.keys)
      if (key.need == Need::required && !find(node, key.name))
        findings_.say(node.at, "missing-key", fmt::format("{} has no `{}`", name, key.name),
                      fmt::format("add `{}:`", key.name));
  }

  void check_entry(Entry& entry, const Mapping& mapping, const Object& object,
                   std::string_view name) const {
    if (dialect_ == Dialect::app_spec && repeats_in_other_case(entry, mapping, object)) return;
    if (const Key* key = key_named(object, entry.key))
      return check(entry.value, *key->shape, fmt::format("`{}`", key->name));
    if (findings_.full()) return;
    findings_.say(entry.at, "unknown-key",
                  fmt::format("unknown key {} in {}", in_quotes(entry.key), name),
                  unknown_key_fix(entry.key, object));
  }

  /// A key that is misspelt, else one that belongs elsewhere in the file.
  std::string unknown_key_fix(std::string_view key, const Object& object) const {
    const auto names = names_of(object);
    if (!nearest(key, names).empty() || !top_) return choice_fix(key, names);
    if (&object != top_ && key_named(*top_, key))
      return fmt::format("move `{}` to the top level of the file", key);
    for (const Key& list : top_->keys)
      if (const Object* entry = entries_of(list);
          &object == top_ && entry && key_named(*entry, key))
        return fmt::format("`{}` belongs in an entry of `{}`", key, list.name);
    return choice_fix(key, names);
  }

  /// The platform's own tool takes keys in any case, so they are mended here; two that differ in
  /// case only are one key given twice.
  bool repeats_in_other_case(Entry& entry, const Mapping& mapping, const Object& object) const {
    const Key* key = key_named(object, entry.key) ? nullptr : key_named(object, lower(entry.key));
    if (!key) return false;
    const bool taken = std::any_of(mapping.entries.begin(), mapping.entries.end(),
                                   [&](const Entry& other) { return other.key == key->name; });
    if (taken) {
      findings_.say(
          entry.at, "repeated-key",
          fmt::format("the key {} is `{}` in another case", in_quotes(entry.key), key->name),
          "remove one of the two");
      return true;
    }
    findings_.say(entry.at, "key-case",
                  fmt::format("the key {} is written `{}`", in_quotes(entry.key), key->name),
                  fmt::format("write `{}`", key->name));
    entry.key = key->name;
    return false;
  }

  const Scalar* scalar_of(const Node& node, std::string_view wanted, std::string_view name) const {
    const auto* scalar = std::get_if<Scalar>(&node.content);
    if (!scalar) wrong_type(node, wanted, name, {});
    return scalar;
  }

  void wrong_type(const Node& node, std::string_view wanted, std::string_view name,
                  std::string_view fix) const {
    findings_.say(node.at, "wrong-type",
                  fmt::format("{} must be {}, not {}", name, wanted, description(node)),
                  std::string(fix));
  }

  const Object* top_;
  Dialect dialect_;
  Findings& findings_;
};

}  // namespace

void check(Node& node, const Shape& shape, std::string_view name, Dialect dialect,
           Findings& findings) {
  Checker(shape, dialect, findings).check(node, shape, name);
}

bool flag_at(const Node& node, std::string_view key, bool fallback) {
  const Node* value = find(node, key);
  const auto* scalar = value ? std::get_if<Scalar>(&value->content) : nullptr;
  return scalar && !scalar->quoted ? plain_boolean(scalar->text).value_or(fallback) : fallback;
}

long long number_at(const Node& node, std::string_view key, long long fallback) {
  return whole_number(text_at(node, key)).value_or(fallback);
}

Position place_of(const Node& node, std::string_view key) {
  const Node* value = find(node, key);
  return value ? value->at : node.at;
}

std::span<const Node> items_at(const Node& node, std::string_view key) {
  const Node* value = find(node, key);
  const auto* sequence = value ? std::get_if<Sequence>(&value->content) : nullptr;
  if (!sequence) return {};
  return sequence->items;
}

}  // namespace bough
