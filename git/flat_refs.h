#pragma once

#include <map>
#include <string>
#include <vector>

#include "git/handles.h"
#include "spec/names.h"

namespace bough {

/// A mirror's references by name. Branches are kept under a hash of their name, so no name can
/// stand in another's way as `a` and `a/b` would: `refs/b/` two digits `/` sixty-four digits.
using FlatRefs = std::map<std::string, Commit>;

/// The reference that keeps a branch.
std::string flat_ref(const BranchName& branch);
/// The reference that keeps a commit, whatever becomes of branches: `refs/b/kept/` digits.
std::string kept_ref(const Commit& commit);
bool is_kept_ref(std::string_view name);

/// All of them; Fault::broken when they cannot be read.
Result<FlatRefs> flat_refs(git_repository* mirror);

/// Sets or deletes one.
Result<void> set_ref(git_repository* mirror, const std::string& name, const Commit& tip);
Result<void> delete_ref(git_repository* mirror, const std::string& name);

/// Moves all references into one file.
Result<void> compress_refs(git_repository* mirror);

/// Writes `refs/0/h0`, `refs/0/h1`, … for the download to name first when it tells the server what
/// the mirror has: for each of the first tips the nearest ancestor that is no tip itself. The
/// library names only the first references, in name order, and would have whole histories sent
/// again. The destructor removes them.
class Hints {
 public:
  Hints(git_repository* mirror, const FlatRefs& refs, const std::vector<Commit>& tips);
  Hints(const Hints&) = delete;
  Hints& operator=(const Hints&) = delete;
  ~Hints();

 private:
  git_repository* mirror_;
};

/// Removes what a killed worker may have left: lock files, hints, half-written references and
/// packs. REQUIRES that no other process writes to the mirror.
void remove_leftovers(const std::string& folder);

}  // namespace bough
