#pragma once

#include <memory>
#include <string>
#include <vector>

#include "git/handles.h"
#include "git/protocol.h"
#include "git/url.h"

namespace bough {

/// What the mirror asks a remote for, and under which reference it keeps it.
struct Want {
  std::string ref;   ///< of the remote; empty for what the mirror has already
  std::string kept;  ///< the mirror's own
  Commit tip;
};

/// The other side of a mirror: a server or a folder of this machine. An object serves many
/// requests, one after the other.
class Source {
 public:
  virtual ~Source() = default;

  /// Every branch and the branch that HEAD names.
  virtual Result<Listing> list(const FetchRequest& request) = 0;

  /// Copies the wanted commits, and what they need and the mirror lacks, into the mirror; how many
  /// objects came. REQUIRES a successful list() before.
  virtual Result<std::size_t> download(const std::vector<Want>& wants) = 0;

  /// Ends what list() began; the object can list again.
  virtual void hang_up() = 0;
};

/// A server; `mirror` outlives the object.
Result<std::unique_ptr<Source>> network_source(git_repository* mirror, const RemoteUrl& url);

/// A repository of this machine, bare or not.
std::unique_ptr<Source> local_source(git_repository* mirror, const RemoteUrl& url);

/// Which references of a listing count.
enum class Listed { branches, pull_requests_too };
Listed listed_for(const Remote& remote);
/// Takes a listed reference into the listing, if it counts.
void add_reference(Listing& listing, std::string_view name, const git_oid& tip, Listed which);
/// The branch of `refs/heads/…`; nothing for any other name.
std::optional<BranchName> branch_of_reference(std::string_view name);

}  // namespace bough
