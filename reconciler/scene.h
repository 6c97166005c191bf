#pragma once

#include <map>
#include <string>

#include "reconciler/installation.h"
#include "reconciler/runner/process.h"
#include "spec/app_spec.h"
#include "spec/bindables.h"
#include "spec/desired.h"

namespace bough {

/// Where commands of an environment run: its spec, the databases it reaches, its files.
struct Scene {
  const Installation& installation;
  const RepositoryConfig& repository;
  const AppSpec& spec;
  std::map<std::string, Endpoint> endpoints;  ///< by component
  std::string primary;                        ///< the component that gives PG* and DATABASE_URL
  std::string tree;                           ///< the checkout
  Author author = Author::pusher;
};

/// The command as it is run there, with its variables and limits; an Error for a reference that
/// cannot be resolved.
Result<ProcessRequest> request_for(const Scene& scene, const Command& command);

}  // namespace bough
