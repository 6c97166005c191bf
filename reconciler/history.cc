#include "reconciler/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <tuple>

namespace bough {
namespace {

bool numbered(std::string_view part) {
  if (part.starts_with('V')) part.remove_prefix(1);
  return !part.empty() && std::isdigit(static_cast<unsigned char>(part.front())) != 0;
}

/// Where a file is and what a tool knows it by, which for some is the name of its folder.
struct Known {
  std::string_view folder;
  std::string_view name;
};

Known known_by(std::string_view path) {
  for (std::size_t start = 0; start < path.size();) {
    if (numbered(path.substr(start))) return {path.substr(0, start), path.substr(start)};
    const std::size_t slash = path.find('/', start);
    if (slash == std::string_view::npos) break;
    start = slash + 1;
  }
  const std::size_t name = path.rfind('/') + 1;
  return {path.substr(0, name), path.substr(name)};
}

/// By the number, however it is padded, and then by the name.
auto order_of(std::string_view name) {
  if (name.starts_with('V')) name.remove_prefix(1);
  std::size_t end = 0;
  while (end < name.size() && std::isdigit(static_cast<unsigned char>(name[end])) != 0) ++end;
  std::string_view digits = name.substr(0, end);
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return std::tuple(digits.size(), digits, name);
}

/// The file that has the contents now; one of the same name first.
const std::string* successor(const std::string& path, const std::string& id,
                             const MigrationFiles& ran, const MigrationFiles& files) {
  const std::string* found = nullptr;
  for (const auto& [other, contents] : files) {
    if (contents != id || ran.contains(other)) continue;
    if (known_by(other).name == known_by(path).name) return &other;
    if (!found) found = &other;
  }
  return found;
}

std::optional<std::string> change_of(const std::string& path, const std::string& id,
                                     const MigrationFiles& ran, const MigrationFiles& files) {
  const auto same = files.find(path);
  if (same != files.end())
    return same->second == id ? std::nullopt : std::optional<std::string>("edited");
  const std::string* now = successor(path, id, ran, files);
  if (!now) return "removed";
  // Tools know a migration by its name, wherever its folder is.
  if (known_by(*now).name == known_by(path).name) return std::nullopt;
  return "renamed to " + printable(*now);
}

std::string and_more(std::string text, std::size_t more) {
  return more == 0 ? text : fmt::format("{}, and {} more like it", text, more);
}

std::optional<std::string> changes(const MigrationFiles& ran, const MigrationFiles& files,
                                   std::string_view after) {
  std::optional<std::string> first;
  std::size_t count = 0;
  for (const auto& [path, id] : ran) {
    const auto change = change_of(path, id, ran, files);
    if (!change) continue;
    ++count;
    if (!first) first = fmt::format("{} was {} after it {}", printable(path), *change, after);
  }
  if (!first) return std::nullopt;
  return and_more(*std::move(first), count - 1);
}

/// What was tried and belongs to no commit that was reached.
MigrationFiles tried_only(const History& history) {
  MigrationFiles tried = history.attempted;
  for (const auto& [path, id] : history.applied) tried.erase(path);
  return tried;
}

Way way_of_branch(const WantedHome& home, const History& history) {
  if (auto change = rewriting(history.applied, home.files)) return Rebuild{*std::move(change)};
  // A run that failed may have applied any of its files, in whole or in part.
  if (auto change = changes(tried_only(history), home.files, "was tried"))
    return Rebuild{*std::move(change)};
  if (auto early = insertion(history.applied, home.files)) return Rebuild{*std::move(early)};
  return Onward{};
}

}  // namespace

std::optional<std::string> rewriting(const MigrationFiles& ran, const MigrationFiles& files) {
  return changes(ran, files, "ran");
}

std::optional<std::string> insertion(const MigrationFiles& ran, const MigrationFiles& files) {
  for (const auto& [path, id] : files) {
    const Known file = known_by(path);
    if (ran.contains(path) || !numbered(file.name)) continue;
    for (const auto& [before, contents] : ran) {
      const Known earlier = known_by(before);
      if (earlier.name == file.name || earlier.folder != file.folder || !numbered(earlier.name))
        continue;
      if (order_of(file.name) < order_of(earlier.name))
        return fmt::format("{} is new and comes before {}, which ran", printable(path),
                           printable(before));
    }
  }
  return std::nullopt;
}

Way way_of(const WantedHome& home, const History& history, bool accepted) {
  if (history.applied.empty() && history.attempted.empty() && history.known) return Onward{};
  if (!is_production(home.home.environment)) return way_of_branch(home, history);
  if (accepted) return Onward{};
  if (!history.known && !home.files.empty())
    return Stop{
        "the commit it was migrated to is not in the repository any more, so what ran "
        "cannot be compared with what is there"};
  if (auto change = rewriting(history.applied, home.files)) return Stop{*std::move(change)};
  return Onward{};
}

}  // namespace bough
