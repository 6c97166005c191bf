#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "spec/config.h"
#include "spec/names.h"
#include "spec/preview.h"
#include "spec/result.h"
#include "spec/secret.h"

namespace bough {

/// A Git remote and how to log in to it. https, http, ssh, git and file URLs, or a local path.
struct Remote {
  std::string url;
  std::string username;
  std::optional<Secret> password;
  std::string ssh_key_file;      ///< ed25519 or ECDSA; RSA keys are refused early
  std::string known_hosts_file;  ///< empty: ~/.ssh/known_hosts
  std::string ca_cert_file;      ///< empty: the system's
  bool pull_requests = false;    ///< their references are wanted, too
  bool operator==(const Remote&) const = default;
};

/// One listing of a remote: every branch, the branch that HEAD names, and the pull requests if they
/// are wanted.
struct Listing {
  std::map<BranchName, Commit> branches;
  std::optional<BranchName> head;
  std::vector<PullRequest> pull_requests{};  ///< the newest first
  bool operator==(const Listing&) const = default;
};

/// One file of a commit.
struct Blob {
  std::string id;
  std::string text;
};

/// A bare mirror of one remote in a folder of its own. Network work runs in a worker process that
/// is killed at the deadline; reading never uses the network. Not thread-safe; one object per
/// mirror.
class Mirror {
 public:
  /// The mirror in `folder`, created when missing. Nothing is fetched.
  static Result<Mirror> open(const std::string& folder, Remote remote);
  Mirror(Mirror&&) noexcept;
  Mirror& operator=(Mirror&&) noexcept;
  ~Mirror();

  /// Lists the remote once and downloads what the mirror lacks of the listed branch tips. Fails
  /// with unavailable (no answer, garbage, deadline), denied (login, certificate, host key) or
  /// invalid (URL, key type); the mirror then still serves what it had. With `keep`, these commits
  /// stay in the mirror whatever becomes of branches, and those of them that are the heads of
  /// listed pull requests are downloaded; others that were kept are let go.
  Result<Listing> fetch(std::chrono::milliseconds deadline,
                        const std::optional<std::set<Commit>>& keep = std::nullopt);

  /// The file at that commit; empty when there is none. Fault::invalid when it is no plain file
  /// (folder, symlink, submodule) or larger than `limit` bytes.
  Result<std::optional<Blob>> read(const Commit& commit, std::string_view path,
                                   std::size_t limit) const;

  /// The object id of the file at that commit without reading it; empty when there is none.
  Result<std::optional<std::string>> find(const Commit& commit, std::string_view path) const;

  /// Whether one of the tips is the commit or has it in its history.
  Result<bool> reached(const Commit& commit, const std::vector<Commit>& tips) const;

  /// Object id by path of the wanted plain files in these folders and below; the empty name is the
  /// root. Fault::missing when the mirror lacks the commit.
  Result<std::map<std::string, std::string>> files(
      const Commit& commit, const std::vector<std::string>& folders,
      const std::function<bool(std::string_view path)>& wanted) const;

  /// Writes the commit's files into `folder` (which must not exist), without filters, hooks or
  /// submodules; symlinks stay links.
  Result<void> checkout(const Commit& commit, const std::string& folder) const;

 private:
  struct State;
  explicit Mirror(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The files of a working copy, for `plan --local`: the branch and commit that HEAD names.
struct WorkingCopy {
  BranchName branch;
  Commit commit;
};
Result<WorkingCopy> inspect_working_copy(const std::string& folder);

/// Entry point of the worker process (`bough __git`): serves requests from its standard input until
/// it closes. The exit status.
int git_worker_main();

}  // namespace bough
