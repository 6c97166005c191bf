#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "spec/document.h"

namespace bough {

/// Grows the tree of one document from a parser's events. Copies what aliases name within a budget,
/// resolves merge keys, and reports repeated keys. Every call answers whether to go on; a false is
/// final, and its reason is in the findings.
class TreeBuilder {
 public:
  /// Identifies the anchor of a node; 0 is none.
  using Anchor = std::size_t;
  enum class Kind { sequence, mapping };

  explicit TreeBuilder(Findings& findings) : findings_(findings) {}

  bool leaf(Node node, Anchor anchor);
  bool alias(Position at, Anchor anchor);
  bool begin(Kind kind, Position at, Anchor anchor);
  bool end();

  /// Where the innermost sequence or mapping that has not ended begins.
  std::optional<Position> innermost_open() const;

  /// The finished tree; null when there was none.
  Node take() &&;

 private:
  struct Size {
    std::size_t nodes = 0;
    std::size_t bytes = 0;
    std::size_t depth = 0;
  };
  struct Anchored {
    Node node;
    Size size;
  };
  struct Key {
    std::string text;
    Position at;
    bool usable = true;
    bool merges = false;
  };
  struct Frame {
    Node node;
    Anchor anchor = 0;
    std::optional<Key> key;    ///< read, its value still to come
    std::vector<Node> merged;  ///< values of `<<`
  };

  static Size size_of(const Node& node);
  bool spend(const Size& size, Position at);
  void place(Node node);
  void take_key(Frame& frame, Node node);
  void take_value(Frame& frame, Node node);
  void finish(Frame& frame);
  void drop_repeated(Mapping& mapping);
  void merge(Mapping& into, std::set<std::string>& keys, const Node& from);

  Findings& findings_;
  std::vector<Frame> open_;
  std::map<Anchor, Anchored> anchors_;
  Node root_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace bough
