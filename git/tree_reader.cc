#include "git/tree_reader.h"

#include <git2.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "spec/place.h"

namespace bough {
namespace {

constexpr std::size_t kLargestTree = std::size_t{64} << 20;

Error not_plain(std::string_view path, std::string_view what) {
  return {Fault::invalid, printable(path) + " is " + std::string(what) + ", not a plain file"};
}

/// What to call an entry that is no plain file; nothing for one that is.
std::optional<std::string_view> oddity_of(const git_tree_entry* entry) {
  switch (git_tree_entry_filemode(entry)) {
    case GIT_FILEMODE_BLOB:
    case GIT_FILEMODE_BLOB_EXECUTABLE:
      return std::nullopt;
    case GIT_FILEMODE_TREE:
      return "a folder";
    case GIT_FILEMODE_LINK:
      return "a symbolic link";
    case GIT_FILEMODE_COMMIT:
      return "a submodule";
    case GIT_FILEMODE_UNREADABLE:
      break;
  }
  return "of an unknown kind";
}

Result<std::vector<std::string>> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    if (part == "..") return Error{Fault::invalid, printable(path) + " leaves the repository"};
    if (!part.empty() && part != ".") parts.emplace_back(part);
    start = end + 1;
  }
  if (parts.empty()) return Error{Fault::invalid, "the path of the file is empty"};
  return parts;
}

Result<TreeHandle> tree_at(git_repository* repository, const git_oid& id) {
  git_odb* opened = nullptr;
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (git_repository_odb(&opened, repository) < 0) return git_error_of(Fault::broken, "the mirror");
  const OdbHandle odb(opened);
  if (git_odb_read_header(&size, &type, opened, &id) < 0)
    return git_error_of(Fault::broken, "reading a folder of the mirror");
  if (size > kLargestTree) return Error{Fault::invalid, "a folder has too many entries"};
  git_tree* tree = nullptr;
  if (git_tree_lookup(&tree, repository, &id) < 0)
    return git_error_of(Fault::broken, "reading a folder of the mirror");
  return TreeHandle(tree);
}

/// The folder of that name; null when there is none or a plain file instead.
Result<TreeHandle> folder_in(git_repository* repository, const git_tree& tree,
                             const std::string& name) {
  const git_tree_entry* entry = git_tree_entry_byname(&tree, name.c_str());
  if (!entry) return TreeHandle();
  const auto oddity = oddity_of(entry);
  if (!oddity) return TreeHandle();
  if (git_tree_entry_filemode(entry) != GIT_FILEMODE_TREE) return not_plain(name, *oddity);
  return tree_at(repository, *git_tree_entry_id(entry));
}

/// The plain file of that name; empty when there is none, or no folder to begin with.
Result<std::optional<FoundFile>> file_in(const git_tree* tree, const std::string& name,
                                         std::string_view path) {
  const git_tree_entry* entry = tree ? git_tree_entry_byname(tree, name.c_str()) : nullptr;
  if (!entry) return std::optional<FoundFile>();
  if (const auto oddity = oddity_of(entry)) return not_plain(path, *oddity);
  return std::optional(FoundFile{text_of(*git_tree_entry_id(entry)), std::string(path)});
}

using Wanted = std::function<bool(std::string_view path)>;
using Found = std::map<std::string, std::string>;
constexpr int kDeepest = 64;

Result<void> add_files(git_repository* repository, const git_tree& tree, const std::string& prefix,
                       const Wanted& wanted, Found& found) {
  // A tree that nests deeper was made to exhaust its reader.
  if (std::count(prefix.begin(), prefix.end(), '/') > kDeepest) return {};
  for (std::size_t i = 0; i < git_tree_entrycount(&tree); ++i) {
    const git_tree_entry* entry = git_tree_entry_byindex(&tree, i);
    const std::string path = prefix + git_tree_entry_name(entry);
    if (git_tree_entry_filemode(entry) == GIT_FILEMODE_TREE) {
      auto folder = tree_at(repository, *git_tree_entry_id(entry));
      if (!folder) return folder.error();
      if (auto added = add_files(repository, **folder, path + "/", wanted, found); !added)
        return added;
    } else if (!oddity_of(entry) && wanted(path)) {
      found.emplace(path, text_of(*git_tree_entry_id(entry)));
    }
  }
  return {};
}

/// The folder at the path below another one; null when there is none.
Result<TreeHandle> folder_below(git_repository* repository, const git_tree& root,
                                const std::string& path) {
  const auto parts = parts_of(path);
  if (!parts) return parts.error();
  TreeHandle tree;
  for (const std::string& part : *parts) {
    const git_tree_entry* entry = git_tree_entry_byname(tree ? tree.get() : &root, part.c_str());
    if (!entry || git_tree_entry_filemode(entry) != GIT_FILEMODE_TREE) return TreeHandle();
    auto next = tree_at(repository, *git_tree_entry_id(entry));
    if (!next) return next.error();
    tree = *std::move(next);
  }
  return tree;
}

}  // namespace

Result<std::map<std::string, std::string>> list_files(git_repository* repository,
                                                      const Commit& commit,
                                                      const std::vector<std::string>& folders,
                                                      const Wanted& wanted) {
  auto root = root_of(repository, commit);
  if (!root) return root.error();
  Found found;
  for (const std::string& path : folders) {
    auto folder =
        path.empty() ? Result<TreeHandle>(TreeHandle()) : folder_below(repository, **root, path);
    if (!folder) return folder.error();
    if (!path.empty() && !*folder) continue;
    const git_tree& tree = path.empty() ? **root : **folder;
    const std::string prefix = path.empty() ? "" : path + "/";
    if (auto added = add_files(repository, tree, prefix, wanted, found); !added)
      return added.error();
  }
  return found;
}

Result<TreeHandle> root_of(git_repository* repository, const Commit& commit) {
  git_oid id{};
  if (commit.text().size() != GIT_OID_HEXSZ || git_oid_fromstr(&id, commit.text().c_str()) < 0)
    return Error{Fault::invalid,
                 "commit " + commit.text() + ": SHA-256 object ids are not supported"};
  git_commit* found = nullptr;
  const int code = git_commit_lookup(&found, repository, &id);
  if (code == GIT_ENOTFOUND)
    return Error{Fault::missing, "the mirror has no commit " + commit.text()};
  if (code < 0) return git_error_of(Fault::broken, "reading commit " + commit.text());
  const CommitHandle owned(found);
  return tree_at(repository, *git_commit_tree_id(found));
}

Result<std::optional<FoundFile>> find_file(git_repository* repository, const Commit& commit,
                                           std::string_view path) {
  auto parts = parts_of(path);
  if (!parts) return parts.error();
  auto tree = root_of(repository, commit);
  const std::string name = parts->back();
  parts->pop_back();
  for (const std::string& part : *parts) {
    if (!tree) return tree.error();
    if (!*tree) return std::optional<FoundFile>();
    tree = folder_in(repository, **tree, part);
  }
  if (!tree) return tree.error();
  return file_in(tree->get(), name, path);
}

Result<std::string> text_of_file(git_repository* repository, const FoundFile& file,
                                 std::size_t limit) {
  const std::string doing = "reading " + printable(file.path);
  git_oid id{};
  git_odb* opened = nullptr;
  if (git_oid_fromstr(&id, file.id.c_str()) < 0 || git_repository_odb(&opened, repository) < 0)
    return git_error_of(Fault::broken, doing);
  const OdbHandle odb(opened);
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (git_odb_read_header(&size, &type, opened, &id) < 0) return git_error_of(Fault::broken, doing);
  if (type != GIT_OBJECT_BLOB) return not_plain(file.path, "of an unknown kind");
  if (size > limit)
    return Error{Fault::invalid, printable(file.path) + " has " + std::to_string(size) +
                                     " bytes; at most " + std::to_string(limit) + " are read"};
  git_odb_object* object = nullptr;
  if (git_odb_read(&object, opened, &id) < 0) return git_error_of(Fault::broken, doing);
  const OdbObjectHandle owned(object);
  return std::string(static_cast<const char*>(git_odb_object_data(object)),
                     git_odb_object_size(object));
}

}  // namespace bough
