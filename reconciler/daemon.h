#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "git/glance.h"
#include "reconciler/apply.h"
#include "reconciler/backlog.h"
#include "reconciler/checkups.h"
#include "reconciler/daemon_log.h"
#include "reconciler/guests.h"
#include "reconciler/idle.h"
#include "reconciler/instance_watch.h"
#include "reconciler/rehearsals.h"
#include "reconciler/tasks.h"
#include "reconciler/upkeeper.h"

namespace bough {

/// Polls and reconciles all repositories until it is stopped; keeps the dev servers up meanwhile.
class Daemon {
 public:
  Daemon(Installation& installation, DaemonLog& log);

  /// Works until stop(); afterwards no work is under way, and the dev servers that were not running
  /// before are stopped. Steps in hand are finished: builds are cancelled, a migration has half a
  /// minute.
  void run();
  /// From any thread, not from a signal handler.
  void stop();
  /// Makes all repositories due, also those that rest.
  void want_all();
  /// Reads the configuration again, and makes all repositories due if it is right; says in the log
  /// why not else.
  void reload();
  /// How many repositories are due and wait for a free hand.
  std::size_t waiting();
  /// Whether the journal answered when it was last asked, which is at every poll.
  bool ready() const { return journal_answers_; }
  /// Makes one due, also if it rests.
  void want(const RepositoryName& repository);
  /// Makes one due: a webhook announced a push.
  void announce(const RepositoryName& repository);
  /// Takes in what was set by command, if anything is new.
  Result<void> take_in_settings();
  /// Calls this, from any thread, whenever another configuration is in force; never again once it
  /// was replaced. It must not wait for anything.
  void when_configured(std::function<void()> told);

  /// Takes in where the branches are, as somebody found who works beside the daemon.
  void note_tips(const Survey& survey);
  /// Whether the branch of a build is known to be at another commit by now.
  bool outdated(const Build& build);

  /// What others who work on the installation beside the daemon share with it.
  Leases& leases() { return leases_; }
  Surveyor& surveyor() { return surveyor_; }
  /// Who enters here keeps run() from returning; closed when the daemon stops.
  Guests& guests() { return guests_; }
  /// Held by whoever rehearses.
  const std::shared_ptr<std::timed_mutex>& rehearsing() const { return rehearsals_.turn(); }
  /// Whether work in hand is to end soon.
  bool stopping();

 private:
  using Lock = std::unique_lock<std::mutex>;
  /// What waits for workers, and how they learn of it.
  struct Queue {
    Tasks tasks;
    std::condition_variable filled;
  };
  void schedule(Lock& lock);
  bool configured(const RepositoryName& repository);
  std::string host_of(const RepositoryName& repository);
  void reload_when_changed();
  void configured_anew();
  void begin_due(Lock& lock, Instant at);
  void begin(const RepositoryName& repository);
  void glanced(const RepositoryName& repository, const Glance& glance, Instant asked);
  void over(const RepositoryName& repository, bool succeeded);
  bool rests(const RepositoryName& repository, const Survey& survey);
  void watch_instances();
  void check_up();
  void disturb(const RepositoryName& repository);
  void wake_scheduler(const RepositoryName& repository);
  void add_task(const Task& task);
  void work(Queue& from);
  void supervise();
  bool reconcile(const RepositoryName& repository);
  bool reconcile(const RepositoryName& repository, const Extent& extent, Survey survey);
  void set_changing(const RepositoryName& repository, bool changing);
  bool carry_out(const RepositoryName& repository, const Extent& extent, Pass& pass);
  void peek(const RepositoryName& repository);
  void tell(const std::string& subject, DaemonLog::Level level, const std::string& text);
  void note_tips(const RepositoryName& repository, const Survey& survey);
  Upkeeper::Surroundings surroundings();
  std::set<RepositoryName> newly_approved();

  static constexpr int kWorkers = 4, kPeekers = 2;

  Installation& installation_;
  DaemonLog& log_;
  Surveyor surveyor_;
  Leases leases_;
  InstanceWatch watch_;
  std::map<RepositoryName, std::string> approvals_;  ///< as last seen, by the watching thread
  Checkups checkups_;
  Upkeeper upkeeper_;
  std::mutex configuring_;  ///< one puts a configuration into force at a time; before mutex_
  std::function<void()> told_configured_;  ///< under configuring_
  std::atomic<bool> journal_answers_ = false;
  std::mutex mutex_;
  std::condition_variable ended_;   ///< it is to stop
  std::condition_variable sooner_;  ///< a repository is due before the scheduler looks again
  Backlog backlog_;
  Instant looks_again_{};  ///< the scheduler, unless it is woken
  Queue looks_{Tasks(kWorkers), {}};
  Queue peeks_{Tasks(kPeekers), {}};  ///< however long the work takes that they may end
  bool stopping_ = false;
  std::set<RepositoryName> changing_;  ///< whose plan is being carried out
  Guests guests_;
  std::map<RepositoryName, std::map<BranchName, Commit>> tips_;
  std::map<std::string, std::string> told_;  ///< by subject: a repository, or all of bough
  std::set<InstanceName> running_before_;
  std::mt19937_64 random_{std::random_device()()};
  Idle idle_;
  std::map<RepositoryName, std::string> sums_;  ///< of the glance before the work in hand
  std::map<RepositoryName, long long> disturbances_;
  std::string config_version_;
  Rehearsals rehearsals_;
  Glancer glancer_;  // its thread uses what is above
};

}  // namespace bough
