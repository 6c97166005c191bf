#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "provisioners/provisioner.h"
#include "reconciler/journal/records.h"
#include "spec/observed.h"
#include "spec/plan.h"
#include "spec/rehearsal_record.h"
#include "spec/reported_build.h"
#include "spec/setting.h"
#include "spec/time.h"

namespace bough {

/// bough's durable tables. Thread-safe. Intents are durable when the call returns; results may be
/// lost with the journal's server, and are then observed again. A lost connection is
/// made anew by the next call.
class Journal {
 public:
  /// Connects and brings the schema `bough` up to date; Fault::invalid when it is of a newer bough.
  static Result<std::unique_ptr<Journal>> open(const ServerAccess& access);
  ~Journal();

  /// Records that these steps will be tried; the ids to settle them with, in order.
  Result<std::vector<long long>> intend(std::string_view plan_id, const std::vector<Step>& steps);
  /// Records how an intended step ended: an empty error is success.
  Result<void> settle(long long id, const Step& step, std::string_view error);

  /// Records that these runs will follow one another; their ids. One whose bough is gone before it
  /// was started counts as cancelled.
  Result<std::vector<long long>> queue(const std::vector<RunRecord>& runs);
  /// Forgets those of these runs that were not started.
  Result<void> unqueue(const std::vector<long long>& ids);

  /// A run with an id was queued. The start is durable before the run can change anything: when
  /// this returns, or, if all that it `changes` is a database of the journal's own server, before
  /// that server makes a change durable.
  Result<long long> start_run(const RunRecord& run, const std::optional<Endpoint>& changes = {});
  /// What the server does not take now is sent again before whatever is asked of it next.
  Result<void> finish_run(const RunRecord& run);

  /// The latest state of every run of these commits. A run whose bough is gone is unknown.
  Result<std::map<RunKey, RunState>> states(const RepositoryName& repository,
                                            const std::set<Commit>& commits);
  /// Newest first.
  Result<std::vector<RunRecord>> runs(const RunFilter& filter);

  /// Lets the failed, interrupted and cancelled runs of a home count as never run, and those that
  /// followed a failure; how many of the former.
  Result<int> retry(const Home& home);
  /// Lets all runs of a place count as never run: its database is made anew.
  Result<void> forget(const Place& place);
  /// Lets the place's runs that did not succeed count as never begun in the database: it is put
  /// back as it was before them. They stay failed or interrupted all the same.
  Result<void> undo(const Place& place);
  /// Lets a home's runs and what was accepted of it be another's, whose own are forgotten: its
  /// branch has that name now. Moving again changes nothing.
  Result<void> move(const Home& from, const Home& to);
  /// Whether the latest run of the place has an unknown outcome, whoever let it be tried again.
  Result<bool> interrupted(const Place& place);
  /// The commits whose migrations were tried in each database since the last that succeeded.
  Result<std::map<Place, std::set<Commit>>> attempts(const RepositoryName& repository);

  /// Keeps a person's word that the home may go on to the commit.
  Result<void> accept(const Acceptance& acceptance);
  Result<std::set<Acceptance>> accepted(const RepositoryName& repository);

  /// Keeps a person's word that a commit gets a preview, in place of what was said of it and of
  /// other commits of the same pull request; durable when it returns.
  Result<void> approve(const Approval& approval);
  /// Takes it back; whether there was one that nobody had ended.
  Result<bool> end_approval(const RepositoryName& repository, const Commit& commit,
                            std::string_view by);
  /// By repository, a text that changes whenever its approvals do.
  Result<std::map<RepositoryName, std::string>> approval_marks();
  /// All of a repository, the ended ones, too; the newest first.
  Result<std::vector<Approval>> approvals(const RepositoryName& repository);

  /// Records that it is under way; whose bough is gone counts as never begun.
  Result<void> begin_rehearsal(const RehearsalKey& key);
  Result<void> finish_rehearsal(const RehearsalRecord& rehearsal);
  /// Those of these commits.
  Result<std::map<RehearsalKey, RehearsalRecord>> rehearsals(const RepositoryName& repository,
                                                             const std::set<Commit>& commits);

  Result<void> note(const Event& event);
  /// Unless the last one of that kind about the address says the same.
  Result<void> note_once(const Event& event);
  /// Oldest first.
  Result<std::vector<Event>> events(const EventFilter& filter);

  /// The settings that were made by command, by kind and name.
  Result<std::vector<Setting>> settings();
  /// Keeps it, in place of an earlier one of that kind and name.
  Result<void> keep(const Setting& setting);
  /// Whether there was one.
  Result<bool> discard(SettingKind kind, std::string_view name);

  /// Keeps the latest report of a build; durable when it returns. Told twice is told once.
  Result<void> report(const ReportedBuild& build);
  /// The reported builds of these commits, by commit and name.
  Result<std::vector<ReportedBuild>> reports(const RepositoryName& repository,
                                             const std::set<Commit>& commits);

  /// Keeps what became of a dump, in place of what was known of it; with a note, why it failed.
  Result<void> note_dump(const DumpNote& note);
  /// Newest first.
  Result<std::vector<DumpNote>> dump_notes(const RepositoryName& repository);

  /// The branches at the last pass that anybody kept.
  Result<std::map<BranchName, Activity>> branches(const RepositoryName& repository);
  /// Keeps these in place of what was known of them, and forgets the gone ones.
  Result<void> saw(const RepositoryName& repository, const std::map<BranchName, Activity>& seen,
                   const std::set<BranchName>& gone);

  /// Keeps what a look into a database came to, in place of the one before.
  Result<void> keep(const DatabaseKey& database, const Checkup& checkup);
  Result<std::map<DatabaseKey, Checkup>> checkups();
  Result<void> discard(const DatabaseKey& database);
  /// The databases of production that migrations succeeded in and that were not dropped by bough.
  Result<std::set<Place>> used(const RepositoryName& repository);

  /// Counts one more holder of an instance's lease: its epoch.
  Result<long long> next_epoch(const InstanceName& instance);
  /// The epochs so far; an instance that nobody ever held is not in it.
  Result<std::map<InstanceName, long long>> epochs();

 private:
  struct State;
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What a step does in a few words: `create database shop--x on main-pg`.
std::string describe(const Action& action);

}  // namespace bough
