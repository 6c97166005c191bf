#include "spec/tree_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "spec/result.h"

namespace bough {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::size_t kMostNodes = 100'000;
constexpr std::size_t kMostBytes = 8U << 20;

}  // namespace

bool TreeBuilder::leaf(Node node, Anchor anchor) {
  const Size size = size_of(node);
  if (!spend(size, node.at)) return false;
  if (anchor != 0) anchors_.insert_or_assign(anchor, Anchored{node, size});
  place(std::move(node));
  return true;
}

bool TreeBuilder::alias(Position at, Anchor anchor) {
  const auto known = anchors_.find(anchor);
  if (known == anchors_.end()) {
    findings_.say(at, "alias-cycle", "an alias stands inside the value that it names",
                  "write the value out");
    return false;
  }
  const auto& [node, size] = known->second;
  if (!spend(size, at)) return false;
  Node copy = node;
  copy.at = at;
  place(std::move(copy));
  return true;
}

bool TreeBuilder::begin(Kind kind, Position at, Anchor anchor) {
  if (!spend({1, 0, 1}, at)) return false;
  Node node{at, Sequence{}};
  if (kind == Kind::mapping) node.content = Mapping{};
  open_.push_back({std::move(node), anchor, {}, {}});
  return true;
}

bool TreeBuilder::end() {
  Frame frame = std::move(open_.back());
  open_.pop_back();
  finish(frame);
  if (frame.anchor != 0) {
    const Size size = size_of(frame.node);
    // The kept copy is paid for, too: anchors around anchors would multiply for free.
    if (!spend(size, frame.node.at)) return false;
    anchors_.insert_or_assign(frame.anchor, Anchored{frame.node, size});
  }
  place(std::move(frame.node));
  return true;
}

std::optional<Position> TreeBuilder::innermost_open() const {
  if (open_.empty()) return std::nullopt;
  return open_.back().node.at;
}

Node TreeBuilder::take() && {
  return std::move(root_);
}

TreeBuilder::Size TreeBuilder::size_of(const Node& node) {
  Size total{1, 0, 1};
  const auto add = [&](const Node& child) {
    const Size size = size_of(child);
    total.nodes += size.nodes;
    total.bytes += size.bytes;
    total.depth = std::max(total.depth, size.depth + 1);
  };
  std::visit(
      Match{[](const Null&) {}, [&](const Scalar& scalar) { total.bytes = scalar.text.size(); },
            [&](const Sequence& sequence) {
              for (const Node& item : sequence.items) add(item);
            },
            [&](const Mapping& mapping) {
              for (const Entry& entry : mapping.entries) {
                total.bytes += entry.key.size();
                add(entry.value);
              }
            }},
      node.content);
  return total;
}

bool TreeBuilder::spend(const Size& size, Position at) {
  nodes_ += size.nodes;
  bytes_ += size.bytes;
  if (open_.size() + size.depth > kDeepest) {
    findings_.say(at, "too-deep", fmt::format("values are nested deeper than {} levels", kDeepest));
    return false;
  }
  if (nodes_ > kMostNodes || bytes_ > kMostBytes) {
    findings_.say(at, "too-large",
                  "the file has too many values, counting those that aliases repeat",
                  "write fewer aliases");
    return false;
  }
  return true;
}

void TreeBuilder::place(Node node) {
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = open_.back();
  if (auto* sequence = std::get_if<Sequence>(&frame.node.content))
    sequence->items.push_back(std::move(node));
  else if (!frame.key)
    take_key(frame, std::move(node));
  else
    take_value(frame, std::move(node));
}

void TreeBuilder::take_key(Frame& frame, Node node) {
  frame.key = Key{{}, node.at};
  if (auto* scalar = std::get_if<Scalar>(&node.content)) {
    frame.key->merges = !scalar->quoted && scalar->text == "<<";
    frame.key->text = std::move(scalar->text);
    return;
  }
  frame.key->usable = false;
  findings_.say(node.at, "bad-key",
                fmt::format("a key must be a text, but here is {}", description(node)),
                "quote the key, or check the indentation");
}

void TreeBuilder::take_value(Frame& frame, Node node) {
  const Key key = *std::exchange(frame.key, std::nullopt);
  if (!key.usable) return;
  if (key.merges)
    frame.merged.push_back(std::move(node));
  else
    std::get<Mapping>(frame.node.content).entries.push_back({key.text, key.at, std::move(node)});
}

void TreeBuilder::finish(Frame& frame) {
  auto* mapping = std::get_if<Mapping>(&frame.node.content);
  if (!mapping) return;
  drop_repeated(*mapping);
  if (frame.merged.empty()) return;
  std::set<std::string> keys;
  for (const Entry& entry : mapping->entries) keys.insert(entry.key);
  for (const Node& from : frame.merged) merge(*mapping, keys, from);
}

void TreeBuilder::drop_repeated(Mapping& mapping) {
  std::map<std::string, Position> seen;
  const auto repeated = [&](const Entry& entry) {
    const auto [first, fresh] = seen.emplace(entry.key, entry.at);
    if (fresh) return false;
    findings_.say(entry.at, "repeated-key",
                  fmt::format("the key {} was already given at line {}", in_quotes(entry.key),
                              first->second.line),
                  "remove one of the two");
    return true;
  };
  std::vector<Entry> kept;
  for (Entry& entry : mapping.entries)
    if (!repeated(entry)) kept.push_back(std::move(entry));
  mapping.entries = std::move(kept);
}

void TreeBuilder::merge(Mapping& into, std::set<std::string>& keys, const Node& from) {
  if (const auto* several = std::get_if<Sequence>(&from.content)) {
    for (const Node& one : several->items) merge(into, keys, one);
    return;
  }
  const auto* mapping = std::get_if<Mapping>(&from.content);
  if (!mapping) {
    findings_.say(from.at, "bad-merge",
                  fmt::format("the key `<<` takes a mapping, but here is {}", description(from)),
                  "name an anchor of a mapping, as in `<<: *common`");
    return;
  }
  for (const Entry& entry : mapping->entries)
    if (keys.insert(entry.key).second) into.entries.push_back(entry);
}

}  // namespace bough
