#include "spec/names.h"

#include <algorithm>
#include <cstddef>

namespace bough {
namespace {

constexpr std::size_t kLongestBranch = 4096;
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestDatabase = 63;

bool lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool letter(char c) {
  return lower(c) || (c >= 'A' && c <= 'Z');
}

bool all_of(std::string_view text, bool (*test)(char)) {
  return std::all_of(text.begin(), text.end(), test);
}

bool forbidden_in_branch(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f ||
         std::string_view("~^:?*[\\").find(c) != std::string_view::npos;
}

/// git-check-ref-format, rules 1, 3, 6 and 9, for one part between slashes.
bool part_is_wrong(std::string_view part) {
  return part.empty() || part.front() == '.' || part.ends_with(".lock");
}

bool some_part_is_wrong(std::string_view text) {
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('/', start), text.size());
    if (part_is_wrong(text.substr(start, end - start))) return true;
    start = end + 1;
  }
  return false;
}

}  // namespace

std::optional<std::string> ComponentRule::complaint(std::string_view text) {
  if (text.size() < 2 || text.size() > 32) return "a name has 2 to 32 characters";
  if (!lower(text.front())) return "a name starts with a lower-case letter";
  if (text.back() == '-') return "a name ends with a letter or digit";
  if (!all_of(text, [](char c) { return lower(c) || digit(c) || c == '-'; }))
    return "a name holds only lower-case letters, digits and hyphens";
  return std::nullopt;
}

std::optional<std::string> BranchRule::complaint(std::string_view text) {
  if (text.empty()) return "a branch name is not empty";
  if (text.size() > kLongestBranch) return "a branch name has at most 4096 bytes";
  if (std::any_of(text.begin(), text.end(), forbidden_in_branch))
    return "a branch name holds no blank, control character or any of ~ ^ : ? * [ \\";
  if (text.find("..") != std::string_view::npos || text.find("@{") != std::string_view::npos)
    return "a branch name holds neither .. nor @{";
  if (text.back() == '.') return "a branch name does not end with a dot";
  if (some_part_is_wrong(text))
    return "no part of a branch name is empty, starts with a dot or ends with .lock";
  return std::nullopt;
}

std::optional<std::string> CommitRule::complaint(std::string_view text) {
  if (text.size() != 40 && text.size() != 64) return "a commit id has 40 or 64 digits";
  if (!all_of(text, [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); }))
    return "a commit id holds only lower-case hexadecimal digits";
  return std::nullopt;
}

std::optional<std::string> LabelRule::complaint(std::string_view text) {
  if (text.empty() || text.size() > kLongestLabel) return "a name has 1 to 63 characters";
  if (!letter(text.front()) && !digit(text.front())) return "a name starts with a letter or digit";
  const auto fits = [](char c) {
    return letter(c) || digit(c) || c == '.' || c == '_' || c == '-';
  };
  if (!all_of(text, fits))
    return "a name holds only letters, digits, dots, underscores and hyphens";
  return std::nullopt;
}

std::optional<std::string> DatabaseRule::complaint(std::string_view text) {
  if (text.empty() || text.size() > kLongestDatabase) return "a database name has 1 to 63 bytes";
  if (text.find('\0') != std::string_view::npos) return "a database name holds no zero byte";
  return std::nullopt;
}

}  // namespace bough
