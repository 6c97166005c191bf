#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "reconciler/runner/fd.h"
#include "reconciler/runner/process.h"
#include "spec/handle.h"

namespace bough {
namespace {

using runner::Fd;
using Folder = Handle<DIR, closedir>;

constexpr int deepest = 200;

std::optional<RunUser> user_named(const std::string& name) {
  std::vector<char> space(16384);
  passwd entry{};
  passwd* found = nullptr;
  getpwnam_r(name.c_str(), &entry, space.data(), space.size(), &found);
  if (found == nullptr) return std::nullopt;
  return RunUser{name, entry.pw_uid, entry.pw_gid};
}

Error cannot_give(const std::string& path, const RunUser& user) {
  return {Fault::broken, "giving " + path + " to " + user.name + ": " + std::strerror(errno)};
}

Result<void> give_file(int parent, const std::string& name, const RunUser& user) {
  struct stat found {};
  const bool seen = fstatat(parent, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0;
  if (seen && found.st_uid == user.uid && found.st_gid == user.gid) return {};
  const Fd file(openat(parent, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!file || fstat(file.number(), &found) != 0) return cannot_give(name, user);
  // A file with several names may be a stranger's that a command linked into the folder.
  if (S_ISDIR(found.st_mode) || found.st_nlink > 1) return {};
  if (fchownat(file.number(), "", user.uid, user.gid, AT_EMPTY_PATH) == 0) return {};
  return cannot_give(name, user);
}

// Through descriptors, so that no path is looked up twice, and `depth` of them at most.
Result<void> give_folder(int parent, const std::string& name, const RunUser& user, int depth) {
  if (depth == 0) return Error{Fault::invalid, "folders are nested too deeply at " + name};
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const Folder folder(fdopendir(openat(parent, name.c_str(), flags)));
  if (!folder) return cannot_give(name, user);
  const int self = dirfd(folder.get());
  while (const auto* entry = readdir(folder.get())) {
    const std::string child = entry->d_name;
    if (child == "." || child == "..") continue;
    auto given = entry->d_type == DT_DIR ? give_folder(self, child, user, depth - 1)
                                         : give_file(self, child, user);
    if (!given) return given;
  }
  if (fchown(self, user.uid, user.gid) == 0) return {};
  return cannot_give(name, user);
}

}  // namespace

Result<std::optional<RunUser>> run_user(const std::optional<std::string>& configured) {
  if (geteuid() != 0) return std::optional<RunUser>();
  if (configured) {
    const auto user = user_named(*configured);
    if (!user) return Error{Fault::invalid, "dev.user: there is no user " + *configured};
    if (user->uid != 0) return user;
    return Error{Fault::invalid,
                 "dev.user: " + *configured + " is root; name a user without rights"};
  }
  for (const auto* name : {"bough", "postgres", "nobody"}) {
    if (auto user = user_named(name)) return user;
  }
  return Error{Fault::missing, "no user to run commands as; create the user bough or set dev.user"};
}

Result<void> give_to(const std::string& folder, const RunUser& user) {
  if (geteuid() != 0) return {};
  return give_folder(AT_FDCWD, folder, user, deepest);
}

}  // namespace bough
