#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "reconciler/operations/operation.h"
#include "reconciler/reconcile.h"

/// What operations share: which repositories and environments are meant, and how documents leave.
namespace bough::operations {

/// The document as text: valid UTF-8 in one line.
std::string text_of(const nlohmann::ordered_json& document);

/// The named repository, or all of them, of those that the asker may know of; Fault::missing with
/// the names there are.
Result<std::vector<const RepositoryConfig*>> repositories(const Context& context,
                                                          const std::string& name);

/// The only one; Fault::invalid when there are several and none is named.
Result<const RepositoryConfig*> the_repository(const Context& context, const std::string& name);

/// What `repository` and `branch` mean.
Result<Extent> extent_of(const Context& context, const Arguments& arguments);

/// The repositories of an extent.
std::set<RepositoryName> names_of(const Extent& extent);

/// The environments that branch names mean: production for `production` and for the production
/// branch, which the remote's HEAD tells when the configuration does not.
std::set<Environment> environments_of(Installation& installation,
                                      const RepositoryConfig& repository,
                                      const std::vector<std::string>& branches);

}  // namespace bough::operations
