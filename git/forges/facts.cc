#include "git/forges/facts.h"

#include <algorithm>

namespace bough::forges {
namespace {

constexpr std::size_t kMostItems = 1000;

bool holds(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool Facts::in_item(std::string_view path) const {
  return !wanted_.list.empty() && path.size() > wanted_.list.size() + 1 &&
         path.starts_with(wanted_.list) && path[wanted_.list.size()] == '.';
}

bool Facts::wants(std::string_view path) const {
  if (in_item(path))
    return listing_ && holds(wanted_.of_items, path.substr(wanted_.list.size() + 1));
  return holds(wanted_.paths, path);
}

void Facts::open(std::string_view path) {
  if (path.empty()) object_ = true;
  if (wanted_.list.empty() || path != wanted_.list) return;
  listing_ = items_.size() < kMostItems;
  if (listing_) items_.emplace_back();
}

bool Facts::value(std::string_view path, std::string_view text) {
  if (in_item(path))
    return items_.back().emplace(path.substr(wanted_.list.size() + 1), text).second;
  return values_.emplace(path, text).second;
}

std::string Facts::at(std::string_view path) const {
  return text_of(values_, path);
}

std::string text_of(const Facts::Item& item, std::string_view key) {
  const auto found = item.find(key);
  return found == item.end() ? "" : found->second;
}

}  // namespace bough::forges
