#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "spec/action.h"
#include "spec/desired.h"
#include "spec/observed.h"
#include "spec/rehearsal_note.h"
#include "spec/target.h"

namespace bough {

/// One step. `because` is for people; nothing decides by it. `drift`: the world was changed outside
/// of bough, and this puts it back.
struct Step {
  Action action;
  std::string because;
  bool drift = false;
  bool operator==(const Step&) const = default;
};

/// What is kept ready and done to, for steps that do such; else null.
const Kept* kept_of(const Action& action);
/// The home that a step belongs to; nothing for instances and what is kept ready.
std::optional<Home> home_of(const Action& action);
/// The server that a step writes to; nothing for builds.
std::optional<InstanceName> instance_of(const Action& action);

/// Nothing for steps that run no commands.
std::optional<PlannedRun> run_of(const Action& action);
std::optional<PlannedRun> run_of(Action&&) = delete;

/// Commands that will run once something else has happened.
struct Waiting {
  Home home;
  BranchName branch;
  Commit commit;
  std::vector<Command> commands;
  std::string because;
  bool operator==(const Waiting&) const = default;
};

/// What will be done, in order, and what will not. Steps of one home are in one run of the list;
/// StartInstance comes first, then FillTemplate.
struct Plan {
  std::vector<Step> steps;
  std::vector<Refusal> refused;
  std::vector<Diagnostic> diagnostics;
  std::vector<Waiting> waiting{};
  std::vector<Unapproved> unapproved{};     ///< pull requests that wait for a person
  std::vector<RehearsalNote> rehearsals{};  ///< of branches; for people
  bool operator==(const Plan&) const = default;
};

struct Summary {
  int create = 0;
  int change = 0;
  int hold = 0;
  int destroy = 0;
  int adopt = 0;
  int run = 0;
  int waiting = 0;
  int refused = 0;
  bool operator==(const Summary&) const = default;
};
Summary summary_of(const Plan& plan);

}  // namespace bough
