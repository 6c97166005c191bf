#include <git2.h>

#include <utility>

#include "git/handles.h"
#include "git/mirror.h"
#include "git/source.h"
#include "spec/place.h"

namespace bough {
namespace {

Result<ReferenceHandle> head_of(git_repository* repository, const std::string& context) {
  git_reference* head = nullptr;
  const int code = git_repository_head(&head, repository);
  if (code == GIT_EUNBORNBRANCH) return Error{Fault::missing, context + " has no commit yet"};
  if (code < 0) return git_error_of(Fault::invalid, context);
  return ReferenceHandle(head);
}

}  // namespace

Result<WorkingCopy> inspect_working_copy(const std::string& folder) {
  prepare_libgit2();
  const std::string context = "the working copy " + printable(folder);
  git_repository* opened = nullptr;
  const int code = git_repository_open_ext(&opened, folder.c_str(), 0, nullptr);
  const RepositoryHandle repository(opened);
  if (code == GIT_ENOTFOUND) return Error{Fault::invalid, context + " is in no Git repository"};
  if (code < 0) return git_error_of(Fault::invalid, context);
  auto head = head_of(opened, context);
  if (!head) return head.error();
  auto branch = branch_of_reference(git_reference_name(head->get()));
  if (!branch) return Error{Fault::invalid, context + " has no branch checked out (detached HEAD)"};
  const git_oid* tip = git_reference_target(head->get());
  auto commit = Commit::parse(tip ? text_of(*tip) : "");
  if (!commit) return within(context, commit.error());
  return WorkingCopy{*std::move(branch), *std::move(commit)};
}

}  // namespace bough
