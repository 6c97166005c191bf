#include "git/ancestry.h"

#include <git2.h>

#include <optional>

namespace bough {
namespace {

/// Nothing for what the repository lacks.
std::optional<git_oid> commit_id(git_odb* odb, const Commit& commit) {
  git_oid id{};
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  const bool there = git_oid_fromstr(&id, commit.text().c_str()) == 0 &&
                     git_odb_read_header(&size, &type, odb, &id) == 0;
  return there && type == GIT_OBJECT_COMMIT ? std::optional(id) : std::nullopt;
}

}  // namespace

Result<bool> is_reached(git_repository* repository, const Commit& commit,
                        const std::vector<Commit>& tips) {
  git_odb* opened = nullptr;
  if (git_repository_odb(&opened, repository) < 0)
    return git_error_of(Fault::broken, "reading the mirror");
  const OdbHandle odb(opened);
  const auto sought = commit_id(opened, commit);
  if (!sought) return false;
  std::vector<git_oid> known;
  for (const Commit& tip : tips) {
    if (tip == commit) return true;
    if (const auto id = commit_id(opened, tip)) known.push_back(*id);
  }
  const int reached =
      git_graph_reachable_from_any(repository, &*sought, known.data(), known.size());
  if (reached < 0) return git_error_of(Fault::broken, "reading the mirror's history");
  return reached == 1;
}

}  // namespace bough
