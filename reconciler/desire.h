#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spec/app_spec.h"
#include "spec/config.h"
#include "spec/desired.h"

namespace bough {

/// What one branch says at its tip.
struct NoSpec {};  ///< neither of the files is there
struct BranchSource {
  BranchName branch;
  Commit commit;
  std::variant<SpecReading, NoSpec> spec;
  MigrationFiles files{};  ///< of the commit
};
/// What a commit says that has a preview. `source.branch` is the reference that it came by.
struct PreviewSource {
  BranchSource source;
  Author author = Author::stranger;
};

/// What one repository says: its watched branches, or why it could not be asked.
struct Unlisted {
  std::string reason;
};
struct Listed {
  std::vector<BranchSource> branches;
  std::optional<BranchName> head;
  std::size_t listed = 0;  ///< branches of the remote, watched or not
  std::vector<PreviewSource> previews{};
  std::vector<Unapproved> unapproved{};
  bool runs_out = false;  ///< some preview ends without a sign from anybody
};
struct RepositorySource {
  const RepositoryConfig& config;
  std::variant<Listed, Unlisted> said;
};

/// What the decision needs to know of this bough: the engines it can serve, and the dev instance of
/// an engine's version.
struct Abilities {
  std::function<bool(Engine)> serves;
  std::function<InstanceName(Engine, std::string_view version)> dev_instance;
};

/// What the repositories ask for together. Pure. A repository that could not be listed, or lists
/// nothing, is not spoken for; a branch whose spec is missing or wrong is unreadable.
Desired desired_from(const std::vector<RepositorySource>& sources, const Abilities& abilities);

/// The branch that is production: the configured one, else the remote's HEAD.
std::optional<BranchName> production_branch(const RepositoryConfig& config,
                                            const std::optional<BranchName>& head);

}  // namespace bough
