#include "git/forges/binding.h"

#include <algorithm>

#include "git/forges/headers.h"

namespace bough::forges {
namespace {

/// The path of a remote, without its host, slashes around it, and `.git`; empty for local remotes.
std::string_view path_of(std::string_view url) {
  if (url.starts_with("file:") || url.starts_with('/') || url.starts_with('.')) return "";
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const char separator = scheme == std::string_view::npos ? ':' : '/';
  const std::size_t start = url.find(separator, host);
  if (start == std::string_view::npos) return "";
  std::string_view path = url.substr(start + 1);
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  return path;
}

bool ends_with_path(std::string_view path, std::string_view tail) {
  if (tail.size() > path.size()) return false;
  const std::size_t start = path.size() - tail.size();
  return equal_ignoring_case(path.substr(start), tail) && (start == 0 || path[start - 1] == '/');
}

}  // namespace

bool may_be(std::string_view said, std::string_view url) {
  const std::string_view ours = path_of(url);
  if (said.empty() || ours.empty()) return true;
  const bool is_url = said.find("://") != std::string_view::npos;
  const std::string_view theirs = is_url ? path_of(said) : said;
  return !theirs.empty() && ends_with_path(ours, theirs);
}

std::optional<std::string> objection(const BuildFinished& build, const WantedBuild& wanted) {
  if (build.repository.empty()) return "it does not say whose commit was built";
  if (!may_be(build.repository, wanted.url))
    return "it built a commit of another repository, such as a fork";
  if (build.of_tag) return "it built a tag";
  if (build.name != wanted.name) return "it has another name than the one that is waited for";
  if (!build.branch.empty() && build.branch != wanted.branch) return "it built another branch";
  if (build.commit != wanted.head) return "it built another commit than the branch's present one";
  return std::nullopt;
}

}  // namespace bough::forges
