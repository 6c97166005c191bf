#pragma once

#include <limits>
#include <span>
#include <string_view>
#include <variant>

#include "spec/document.h"

namespace bough {

struct Shape;

/// What a value may be. A text without quotes is taken as it is written.
struct Text {};
/// A text that must not be one of YAML's yes-or-no words, such as `on`, unless it is quoted.
struct NameText {};
struct Flag {};
/// Numbers beyond the limits are the platform's to refuse, so they are only warned of.
struct WholeNumber {
  long long least = std::numeric_limits<long long>::min();
  long long most = std::numeric_limits<long long>::max();
};
struct DecimalNumber {};
/// What becomes of a word that is not in a list.
enum class Others { refused, doubted, fine };
struct Choice {
  std::span<const std::string_view> words;
  Others others = Others::refused;
};
struct List {
  const Shape* item;
};

enum class Need { optional, required };
struct Key {
  std::string_view name;
  const Shape* shape;
  std::string_view about;  ///< what it is for, for those who write the file
  Need need = Need::optional;
};
/// A key that is needed where a flag is true; for editors, its reader checks it by itself.
struct Demand {
  std::string_view flag;
  std::string_view key;
};
struct Object {
  std::span<const Key> keys;
  std::string_view hint = {};  ///< how to mend a value that is no mapping
  Demand demand = {};
};

/// What one value of a file may be. Files are described by constant tables of these, which are the
/// one place that knows their keys.
struct Shape {
  std::variant<Text, NameText, Flag, WholeNumber, DecimalNumber, Choice, List, Object> form;
  std::string_view pattern = {};  ///< of texts, for editors: their reader checks them by itself
};

/// How strictly a kind of file is read.
enum class Dialect {
  app_spec,  ///< keys in another case count, with a warning, as do numbers where text belongs
  config,    ///< keys are exact; a number is fine as a text
};

/// Reports all that does not fit the shape: unknown and missing keys, wrong types, unknown words,
/// numbers beyond their limits. `name` is what messages call the node, such as `the app`. Null
/// always fits, except as a list's item. Afterwards keys are written as in the shape.
void check(Node& node, const Shape& shape, std::string_view name, Dialect dialect,
           Findings& findings);

/// The mapping's key read as a flag or a whole number; the fallback when it is absent or unfit.
bool flag_at(const Node& node, std::string_view key, bool fallback);
long long number_at(const Node& node, std::string_view key, long long fallback);

/// The items of a mapping's list; empty when it is absent or no list.
std::span<const Node> items_at(const Node& node, std::string_view key);

/// Where the value of a mapping's key begins; where the mapping does when it is absent.
Position place_of(const Node& node, std::string_view key);

}  // namespace bough
