#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spec/desired.h"
#include "spec/mark.h"
#include "spec/observed.h"
#include "spec/target.h"

/// Steps that run commands, and what surrounds them.
namespace bough {

/// Builds the commit in its checkout.
struct Build {
  Home home;
  BranchName branch;
  Commit commit;
  std::vector<Command> commands;
  bool operator==(const Build&) const = default;
};
/// Copies a branch's database as it is before a migration, in place of an earlier copy. Nobody is
/// in the database meanwhile, and nobody can enter the copy.
struct KeepImage {
  Target at;
  Mark image;  ///< of the copy
  bool operator==(const KeepImage&) const = default;
};
/// Runs the migration commands against the database, in the checkout of the commit.
struct Migrate {
  Target at;
  Mark mark;  ///< as it stands before; success adds `migrated`
  BranchName branch;
  Commit commit;
  std::vector<Command> commands;
  std::optional<Mark> image{};  ///< of the copy that takes its place should it fail
  bool operator==(const Migrate&) const = default;
};
/// Exchanges a branch's database for the copy from before a migration: the copy has the name and
/// the login, what the migration left has the copy's name and is of no use any more.
struct PutBack {
  Target at;
  Mark mark;   ///< of the database, as it is to be
  Mark image;  ///< of what the migration left, as it is to be
  bool operator==(const PutBack&) const = default;
};
/// Drops a copy that was made before a migration.
struct DropImage {
  Target at;  ///< the database that it is a copy of
  DatabaseName image;
  bool operator==(const DropImage&) const = default;
};
/// Runs the seed commands against the database, in the checkout of the commit.
struct Seed {
  Target at;
  Mark mark;  ///< as it stands before; success adds `seeded`
  BranchName branch;
  Commit commit;
  std::vector<Command> commands;
  std::string seeded;
  bool operator==(const Seed&) const = default;
};
/// Runs the jobs that follow a deployment, or one that failed, in the checkout of the commit.
struct RunJobs {
  RunKind kind = RunKind::post_deploy;
  Target at;  ///< the home's first database
  Mark mark;  ///< as it stands before; the success of a deployment's jobs adds `released`
  BranchName branch;
  Commit commit;
  std::vector<Command> commands;
  std::string after{};  ///< the component whose migration failed; empty: the build
  bool operator==(const RunJobs&) const = default;
};
/// What a step runs. `commands` and `commit` are the action's own.
struct PlannedRun {
  RunKind kind;
  RunKey key;
  BranchName branch;
  const std::vector<Command>& commands;
};
}  // namespace bough
