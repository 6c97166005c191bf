#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "git/forges/json_stream.h"

namespace bough::forges {

/// What is read of one kind of payload: single values by their paths, and the values of the items
/// of one list, by what follows the list's path.
struct Wanted {
  std::span<const std::string_view> paths;
  std::string_view list = {};  ///< such as `push.changes[]`
  std::span<const std::string_view> of_items = {};
};

/// The few values of a payload that matter. Everything in them was written by others.
class Facts : public JsonSink {
 public:
  explicit Facts(const Wanted& wanted) : wanted_(wanted) {}

  bool wants(std::string_view path) const override;
  void open(std::string_view path) override;
  /// False when the value was there before: of two, none can be believed.
  bool value(std::string_view path, std::string_view text) override;

  /// Whether the payload is an object.
  bool object() const { return object_; }
  /// The text at a path; empty when it is absent, null, or no single value.
  std::string at(std::string_view path) const;
  using Item = std::map<std::string, std::string, std::less<>>;
  /// The first thousand items of the list.
  const std::vector<Item>& items() const { return items_; }

 private:
  bool in_item(std::string_view path) const;

  Wanted wanted_;
  bool object_ = false;
  bool listing_ = false;
  Item values_;
  std::vector<Item> items_;
};

/// The text of an item; empty when it is absent.
std::string text_of(const Facts::Item& item, std::string_view key);

}  // namespace bough::forges
