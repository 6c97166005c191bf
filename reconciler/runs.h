#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "reconciler/apply.h"
#include "reconciler/runner/process.h"

namespace bough {

/// The run of a step as it waits for its turn; nothing for steps that run no commands.
std::optional<RunRecord> queued_run(const Action& action);

/// Runs the commands of plans: check-out, variables, journal, outcome.
class Runs {
 public:
  Runs(Installation& installation, const Pass& pass, const Controls& controls);

  using Sink = std::function<void(std::string_view)>;

  /// Builds in a fresh checkout. An Error unless every command succeeded. `id`: of the queued run.
  Result<void> build(const Build& build, long long id, const Sink& sink);

  /// Migrates in the checkout of the commit, and marks the database when every command succeeded.
  /// With an image the database is put back otherwise.
  Result<void> migrate(const Migrate& migrate, long long id, const Sink& sink);

  /// Seeds in the checkout of the commit; the mark says so afterwards.
  Result<void> seed(const Seed& seed, long long id, const Sink& sink);

  /// Runs jobs in the checkout of the commit; of a deployment's the mark says so afterwards.
  Result<void> jobs(const RunJobs& jobs, long long id, const Sink& sink);

 private:
  struct Job;
  Result<void> carry_out(const Job& job, const Sink& sink);
  void run_command(const Job& job, const Command& command, const Sink& sink, RunRecord& run);
  Result<ProcessRequest> request_for(const Job& job, const Command& command) const;
  Result<std::map<std::string, Endpoint>> endpoints(const Home& home) const;
  Result<void> end_orphans(const Target& at, Provisioner& server);
  std::string clear_up(const Migrate& migrate, Provisioner& server);
  std::string put_back(const Migrate& migrate, Provisioner& server);
  Cancelled patient() const;
  Result<void> fill(const Home& home, const Commit& commit, bool anew) const;

  Installation& installation_;
  const Pass& pass_;
  const Controls& controls_;
  const Observed planned_;  ///< the world with the plan carried out
};

}  // namespace bough
