#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spec/diagnostic.h"
#include "spec/findings.h"

namespace bough {

struct Node;
struct Entry;

/// `~`, `null`, or nothing written.
struct Null {};
/// A text as written; `quoted` texts are never numbers or booleans.
struct Scalar {
  std::string text;
  bool quoted = false;
};
struct Sequence {
  std::vector<Node> items;
};
/// Keys in the order of the file, each once.
struct Mapping {
  std::vector<Entry> entries;
};

/// One value of a YAML or JSON file and where it begins. What came by an alias keeps the place of
/// its anchor inside, and has the alias's own place outside.
struct Node {
  Position at;
  std::variant<Null, Scalar, Sequence, Mapping> content;
};
struct Entry {
  std::string key;
  Position at;
  Node value;
};

/// Reads the one document of a text; null when the text is empty. Aliases and merge keys are
/// resolved. Nothing when it cannot be read, and `findings` says why; they also name repeated keys,
/// of which the first counts. Any bytes are safe to give: size (`largest`, in bytes), depth and
/// expansion are limited.
inline constexpr std::size_t kLargestFile = 1U << 20;
std::optional<Node> read_document(std::string_view text, Findings& findings,
                                  std::size_t largest = kLargestFile);

/// The value of a mapping's key; null when it is absent, null, or the node is no mapping.
const Node* find(const Node& node, std::string_view key);

/// The text of a mapping's key; empty when it is absent or no text.
std::string text_at(const Node& node, std::string_view key);

/// What a node is, for people: `a list`, `a number`, `a text`, … Never what it says, which may be a
/// secret.
std::string_view description(const Node& node);

/// How YAML readers take a text without quotes.
enum class Plain { text, boolean, number };
Plain plain_kind(std::string_view text);

/// The boolean that a plain text stands for (`true`, `yes`, `on`, …, as in YAML 1.1).
std::optional<bool> plain_boolean(std::string_view text);

}  // namespace bough
