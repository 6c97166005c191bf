#include "spec/config_kept.h"

#include <fmt/format.h>

#include <algorithm>

#include "spec/config_shape.h"
#include "spec/shape.h"

namespace bough {
namespace {

std::string_view list_of(SettingKind kind) {
  return kind == SettingKind::instance ? "instances" : "repositories";
}

Node* find_in(Node& node, std::string_view key) {
  return const_cast<Node*>(find(node, key));
}

/// The mapping's list of that name, made when it is not there.
std::vector<Node>& list_in(Node& root, std::string_view key) {
  if (!std::holds_alternative<Mapping>(root.content)) root.content = Mapping{};
  auto& entries = std::get<Mapping>(root.content).entries;
  auto found = std::find_if(entries.begin(), entries.end(),
                            [&](const Entry& entry) { return entry.key == key; });
  if (found == entries.end())
    found = entries.insert(entries.end(), Entry{std::string(key), root.at, {root.at, Sequence{}}});
  if (!std::holds_alternative<Sequence>(found->value.content)) found->value.content = Sequence{};
  return std::get<Sequence>(found->value.content).items;
}

/// All of it stands where the file begins: it has no place in it.
void move_to_start(Node& node) {
  node.at = {};
  if (auto* sequence = std::get_if<Sequence>(&node.content))
    for (Node& item : sequence->items) move_to_start(item);
  if (auto* mapping = std::get_if<Mapping>(&node.content))
    for (Entry& entry : mapping->entries) {
      entry.at = {};
      move_to_start(entry.value);
    }
}

/// The setting as an entry of its list.
std::optional<Node> read_entry(const Setting& setting, Findings& findings) {
  Findings own("setting");
  auto node = read_document(setting.document, own);
  if (node && std::holds_alternative<Mapping>(node->content)) {
    move_to_start(*node);
    return node;
  }
  findings.say({}, "bad-value",
               fmt::format("the {} {} that was set by command cannot be read",
                           word_of(setting.kind), in_quotes(setting.name)));
  return std::nullopt;
}

void add_assignment(Node& root, const Setting& setting, const Node& keys, Findings& findings) {
  for (Node& repository : list_in(root, "repositories")) {
    if (text_at(repository, "name") != setting.name) continue;
    for (const Entry& entry : std::get<Mapping>(keys.content).entries) {
      if (const Node* own = find_in(repository, entry.key)) {
        findings.say(own->at, "repeated-name",
                     fmt::format("`{}` of {} is set here and by `bough assign`", entry.key,
                                 in_quotes(setting.name)),
                     "remove it here, or run bough unassign");
        continue;
      }
      std::get<Mapping>(repository.content).entries.push_back(entry);
    }
    return;
  }
  findings.say({}, "lost-assignment",
               fmt::format("{} was assigned an instance by command and is not there",
                           in_quotes(setting.name)));
}

}  // namespace

void add_kept(Node& root, const std::vector<Setting>& kept, Findings& findings) {
  for (const Setting& setting : kept) {
    if (setting.kind == SettingKind::assignment) continue;
    if (auto entry = read_entry(setting, findings))
      list_in(root, list_of(setting.kind)).push_back(*std::move(entry));
  }
  for (const Setting& setting : kept) {
    if (setting.kind != SettingKind::assignment) continue;
    if (const auto keys = read_entry(setting, findings))
      add_assignment(root, setting, *keys, findings);
  }
}

}  // namespace bough
