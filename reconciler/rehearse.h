#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "provisioners/stage.h"
#include "reconciler/advice.h"
#include "reconciler/survey.h"

namespace bough {

/// How commands ended on a stage.
struct Performance {
  RunState state = RunState::succeeded;
  int exit_code = 0;
  std::string note;
  std::chrono::milliseconds took{0};
};

/// One database's migration, rehearsed.
struct Rehearsed {
  Place place;
  std::string production;  ///< whose copy was migrated; empty: there is none yet
  bool with_data = false;
  Performance upgrade;  ///< of the copy
  Sightings sightings;
  std::vector<Advice> advice;
  std::string changes;     ///< of the definitions, as a diff
  Performance fresh;       ///< of an empty database; only after the upgrade succeeded
  std::string divergence;  ///< from the fresh one to the upgraded one, as a diff
};

struct Rehearsal {
  Home home;
  BranchName branch;
  Commit commit;
  std::vector<Rehearsed> databases;
};

struct RehearsalRequest {
  const RepositoryConfig& repository;
  BranchName branch;
  Stage::Content content = Stage::Content::schema;
  std::function<void(std::string_view)> say;  ///< what is done, and the commands' output
  std::function<bool()> stopping = [] { return false; };
};

/// Runs a branch's build and migrations on copies of production's databases, on a private server,
/// and in empty ones. Changes nothing else: no database, no mark, no record of a run. An Error when
/// that could not be tried; a migration that fails is a result.
Result<Rehearsal> rehearse(Installation& installation, Surveyor& surveyor,
                           const RehearsalRequest& request);

/// Whether every migration succeeded.
bool succeeded(const Rehearsal& rehearsal);

/// `rehearse --json`.
nlohmann::ordered_json rehearsal_document(const Rehearsal& rehearsal);

}  // namespace bough
