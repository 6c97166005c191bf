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
#include "spec/rehearsal_record.h"

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
  RehearsalKey key;
  BranchName branch;
  std::vector<Rehearsed> databases{};
  std::vector<std::string> output{};  ///< the last lines of what was said
};

struct RehearsalRequest {
  const RepositoryConfig& repository;
  BranchName branch;
  Stage::Content content = Stage::Content::schema;
  using Say = std::function<void(std::string_view)>;
  Say say;  ///< what is done, and the commands' output
  std::function<bool()> stopping = [] { return false; };
};

/// Runs a branch's build and migrations on copies of production's databases, on a private server,
/// and in empty ones. Changes nothing else: no database, no mark, no record of a run. An Error when
/// that could not be tried, was stopped, or took longer than time_for; a migration that fails is a
/// result.
Result<Rehearsal> rehearse(Installation& installation, const Survey& survey,
                           const RehearsalRequest& request);

/// How long a rehearsal may take as a whole.
std::chrono::milliseconds time_for(const RepositoryConfig& repository);

/// Keeps what a rehearsal came to, for plans; nothing while there is no journal.
Result<void> keep_rehearsal(Installation& installation, const RehearsalKey& key,
                            const Result<Rehearsal>& rehearsal);

/// Whether every migration succeeded.
bool succeeded(const Rehearsal& rehearsal);

/// `rehearse --json`.
nlohmann::ordered_json rehearsal_document(const Rehearsal& rehearsal);

}  // namespace bough
