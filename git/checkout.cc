#include "git/checkout.h"

#include <fcntl.h>
#include <git2.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "git/tree_reader.h"
#include "spec/place.h"

namespace bough {
namespace {

// Trees may share subtrees, so a small repository can describe an endless checkout.
constexpr std::size_t kMostEntries = 2'000'000;
constexpr std::uintmax_t kMostBytes = std::uintmax_t{16} << 30;
constexpr std::size_t kLargestFile = std::size_t{1} << 30;
constexpr int kDeepest = 256;

/// An open folder, closed at the end of the scope.
class Folder {
 public:
  Folder(int at, const char* name)
      : number_(openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

/// Removes the folder unless the export is complete.
class Removal {
 public:
  explicit Removal(const std::string& folder) : folder_(folder) {}
  Removal(const Removal&) = delete;
  Removal& operator=(const Removal&) = delete;
  ~Removal() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  void cancel() { folder_.clear(); }

 private:
  std::string folder_;
};

bool acceptable(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         !(name.size() == 4 && strncasecmp(name.data(), ".git", 4) == 0);
}

/// One export in progress.
class Export {
 public:
  explicit Export(git_repository* repository) : repository_(repository) {}
  Result<void> write_tree(git_tree* tree, int folder, int depth);

 private:
  Result<void> write_entry(const git_tree_entry* entry, int folder, int depth);
  Result<void> write_folder(const git_tree_entry* entry, int folder, int depth);
  Result<void> write_file(const git_tree_entry* entry, int folder, mode_t mode);
  Result<void> write_link(const git_tree_entry* entry, int folder);
  Result<std::string> bytes_of(const git_tree_entry* entry);

  git_repository* repository_;
  std::size_t entries_ = 0;
  std::uintmax_t bytes_ = 0;
};

/// A name that is there already can only be the commit's own doing: the folder was new.
Error failed_at(const git_tree_entry* entry) {
  const int failure = errno;
  const std::string name = printable(git_tree_entry_name(entry));
  if (failure == EEXIST) return {Fault::invalid, "the commit holds the name " + name + " twice"};
  if (failure == ENAMETOOLONG) return {Fault::invalid, "the name " + name + " is too long"};
  return {Fault::unavailable, name + " cannot be written: " + strerror(failure)};
}

Result<std::string> Export::bytes_of(const git_tree_entry* entry) {
  const FoundFile file{text_of(*git_tree_entry_id(entry)), git_tree_entry_name(entry)};
  auto bytes = text_of_file(repository_, file, kLargestFile);
  if (!bytes) return bytes;
  bytes_ += bytes->size();
  if (bytes_ > kMostBytes) return Error{Fault::invalid, "the commit's files are too large in sum"};
  return bytes;
}

Result<void> Export::write_file(const git_tree_entry* entry, int folder, mode_t mode) {
  auto bytes = bytes_of(entry);
  if (!bytes) return bytes.error();
  const int file = openat(folder, git_tree_entry_name(entry),
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (file < 0) return failed_at(entry);
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    const ssize_t put = write(file, rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) break;
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  const bool written = rest.empty();
  if (close(file) != 0 || !written) return failed_at(entry);
  return {};
}

Result<void> Export::write_link(const git_tree_entry* entry, int folder) {
  auto target = bytes_of(entry);
  if (!target) return target.error();
  const std::string name = printable(git_tree_entry_name(entry));
  if (target->empty() || target->find('\0') != std::string::npos)
    return Error{Fault::invalid, "the symbolic link " + name + " has no usable target"};
  if (symlinkat(target->c_str(), folder, git_tree_entry_name(entry)) != 0) return failed_at(entry);
  return {};
}

Result<void> Export::write_folder(const git_tree_entry* entry, int folder, int depth) {
  const char* name = git_tree_entry_name(entry);
  if (mkdirat(folder, name, 0755) != 0) return failed_at(entry);
  if (git_tree_entry_filemode(entry) == GIT_FILEMODE_COMMIT) return {};
  const Folder inner(folder, name);
  if (inner.number() < 0) return failed_at(entry);
  git_tree* tree = nullptr;
  if (git_tree_lookup(&tree, repository_, git_tree_entry_id(entry)) < 0)
    return git_error_of(Fault::broken, "reading the folder " + printable(name));
  const TreeHandle owned(tree);
  return write_tree(tree, inner.number(), depth + 1);
}

Result<void> Export::write_entry(const git_tree_entry* entry, int folder, int depth) {
  const std::string_view name = git_tree_entry_name(entry);
  if (!acceptable(name))
    return Error{Fault::invalid, "the commit holds the forbidden name " + printable(name)};
  if (++entries_ > kMostEntries) return Error{Fault::invalid, "the commit has too many files"};
  switch (git_tree_entry_filemode(entry)) {
    case GIT_FILEMODE_BLOB:
      return write_file(entry, folder, 0644);
    case GIT_FILEMODE_BLOB_EXECUTABLE:
      return write_file(entry, folder, 0755);
    case GIT_FILEMODE_LINK:
      return write_link(entry, folder);
    case GIT_FILEMODE_TREE:
    case GIT_FILEMODE_COMMIT:
      return write_folder(entry, folder, depth);
    case GIT_FILEMODE_UNREADABLE:
      break;
  }
  return Error{Fault::invalid, printable(name) + " is of an unknown kind"};
}

Result<void> Export::write_tree(git_tree* tree, int folder, int depth) {
  if (depth > kDeepest) return Error{Fault::invalid, "the commit's folders are nested too deeply"};
  for (std::size_t i = 0; i < git_tree_entrycount(tree); ++i)
    if (auto written = write_entry(git_tree_entry_byindex(tree, i), folder, depth); !written)
      return written;
  return {};
}

}  // namespace

Result<void> export_commit(git_repository* repository, const Commit& commit,
                           const std::string& folder) {
  auto root = root_of(repository, commit);
  if (!root) return root.error();
  if (mkdir(folder.c_str(), 0755) != 0)
    return Error{errno == EEXIST ? Fault::invalid : Fault::unavailable,
                 folder + " cannot be created: " + strerror(errno)};
  Removal removal(folder);
  const Folder opened(AT_FDCWD, folder.c_str());
  if (opened.number() < 0)
    return Error{Fault::unavailable, folder + " cannot be opened: " + strerror(errno)};
  if (auto written = Export(repository).write_tree(root->get(), opened.number(), 0); !written)
    return within("checking out " + commit.text(), written.error());
  removal.cancel();
  return {};
}

}  // namespace bough
