#include "spec/preview.h"

#include <charconv>

namespace bough {
namespace {

struct Layout {
  std::string_view prefix;
  std::string_view end;
};
constexpr Layout kLayouts[] = {
    {"refs/pull/", "/head"}, {"refs/merge-requests/", "/head"}, {"refs/pull-requests/", "/from"}};

}  // namespace

std::optional<long long> pull_request_of(std::string_view ref) {
  for (const Layout& layout : kLayouts) {
    if (!ref.starts_with(layout.prefix) || !ref.ends_with(layout.end) ||
        ref.size() <= layout.prefix.size() + layout.end.size())
      continue;
    ref.remove_prefix(layout.prefix.size());
    ref.remove_suffix(layout.end.size());
    long long number = 0;
    const auto [end, wrong] = std::from_chars(ref.data(), ref.data() + ref.size(), number);
    if (wrong == std::errc() && end == ref.data() + ref.size() && number > 0) return number;
    return std::nullopt;
  }
  return std::nullopt;
}

const std::vector<std::string_view>& pull_request_prefixes() {
  static const std::vector<std::string_view> all = [] {
    std::vector<std::string_view> prefixes;
    for (const Layout& layout : kLayouts) prefixes.push_back(layout.prefix);
    return prefixes;
  }();
  return all;
}

}  // namespace bough
