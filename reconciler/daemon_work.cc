// How the daemon looks after repositories; daemon.cc has what surrounds that.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "git/url.h"
#include "reconciler/activity.h"
#include "reconciler/daemon.h"
#include "reconciler/dumps.h"

namespace bough {
namespace {

constexpr std::size_t kTold = 10;  // pull requests that wait, in the log
constexpr int kBatches = 200;      // of glances in each interval
constexpr std::chrono::milliseconds kPatience(30'000);
/// A host that was silent for longer than this would keep a worker waiting as well.
constexpr std::chrono::seconds kSilence(3);

bool is_run(const Step& step) {
  return run_of(step.action).has_value();
}

/// Whether the hold may end before anybody looks again for no other reason.
bool ends_soon(const Desired& desired, const Mark& mark) {
  constexpr std::chrono::minutes kSoon(70);
  const auto* held = std::get_if<Held>(&mark.standing);
  const auto keeping = desired.keeping.find(mark.place.home.repository);
  return held && !held->ask && keeping != desired.keeping.end() &&
         now() + kSoon >= held->since + keeping->second.hold;
}

/// Whether something will be to do without a sign from Git or the servers: a hold or a preview
/// ends, a run of another bough is under way, a server did not answer.
bool waits(const Pass& pass) {
  if (pass.survey.runs_out) return true;
  for (const auto& [key, state] : pass.observed.runs)
    if (state == RunState::running || state == RunState::queued) return true;
  for (const auto& [instance, seen] : pass.observed.instances) {
    if (std::holds_alternative<Unreachable>(seen)) return true;
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases)
      if (database.mark &&
          pass.survey.desired.speaks_for.contains(database.mark->place.home.repository) &&
          ends_soon(pass.survey.desired, *database.mark))
        return true;
  }
  return false;
}

std::string refusals_text(const Plan& plan) {
  std::string text;
  for (const Refusal& refusal : plan.refused)
    text += fmt::format("refused {}: {}\n", refusal.address, printable(refusal.reason));
  for (const Diagnostic& one : plan.diagnostics)
    if (one.severity == Severity::error) text += to_text(one) + "\n";
  for (std::size_t i = 0; i < std::min(plan.unapproved.size(), kTold); ++i)
    text +=
        fmt::format("pull request {} waits: bough approve {} --sha {}\n", plan.unapproved[i].number,
                    plan.unapproved[i].repository.text(), plan.unapproved[i].commit.text());
  return text;
}

}  // namespace

/// Empty for what is on this machine.
std::string Daemon::host_of(const RepositoryName& repository) {
  const RepositoryConfig* config = installation_.repository(repository.text());
  if (!config) return "";
  const auto url = RemoteUrl::parse(config->url);
  return url ? url->host() : "";
}

/// A reload may have taken it away meanwhile.
bool Daemon::configured(const RepositoryName& repository) {
  return installation_.repository(repository.text()) != nullptr;
}

/// Starts with a glance where that is cheaper than a fetch. Reads secrets, which may lie on a
/// silent file system: without the lock.
void Daemon::begin(const RepositoryName& repository) {
  const RepositoryConfig* config = installation_.repository(repository.text());
  if (!config) return;
  auto remote = installation_.remote(*config);
  if (!remote || !Glancer::serves(*remote)) {
    const std::lock_guard guard(mutex_);
    add_task({repository, false, host_of(repository)});
    return;
  }
  glancer_.look(
      *remote, installation_.config().git_timeout,
      [this, repository, at = now()](const Glance& glance) { glanced(repository, glance, at); });
}

void Daemon::glanced(const RepositoryName& repository, const Glance& glance, Instant asked) {
  const bool silent = !glance.sum && !glance.retry_after && now() - asked > kSilence;
  if (silent) tell(repository.text(), DaemonLog::Level::warning, glance.sum.error().message);
  const std::lock_guard guard(mutex_);
  if (glance.retry_after) {
    backlog_.rest(repository, now() + *glance.retry_after);
  } else if (silent) {
    over(repository, false);
  } else if (glance.sum && idle_.rests(repository, *glance.sum, now())) {
    over(repository, true);
  } else {
    if (glance.sum) sums_[repository] = *glance.sum;
    add_task({repository, false, host_of(repository), true});
  }
}

void Daemon::over(const RepositoryName& repository, bool succeeded) {
  const double chance = std::uniform_real_distribution<double>(0, 1)(random_);
  backlog_.done(repository, succeeded, now(), chance);
  wake_scheduler(repository);
}

void Daemon::begin_due(Lock& lock, Instant at) {
  std::vector<RepositoryName> due;
  while (auto repository = backlog_.take(at)) {
    sums_.erase(*repository);
    due.push_back(*std::move(repository));
  }
  lock.unlock();
  for (const RepositoryName& repository : due) begin(repository);
  lock.lock();
}

/// Hands out what is due and waits for what comes next.
void Daemon::schedule(Lock& lock) {
  while (!stopping_) {
    const Instant at = now();
    begin_due(lock, at);
    if (stopping_) return;
    for (const RepositoryName& busy : backlog_.overdue(at)) {
      backlog_.peeked(busy, at);
      if (!changing_.contains(busy) || !configured(busy)) continue;
      add_task({busy, true, host_of(busy)});
    }
    const std::chrono::milliseconds poll = installation_.config().poll;
    // Several that are due together cost less than each alone; work that takes longer than the
    // interval is found after a quarter of it.
    looks_again_ =
        std::clamp(backlog_.next().value_or(Instant::max()), at + poll / kBatches, at + poll / 4);
    sooner_.wait_until(lock, looks_again_);
  }
}

void Daemon::work(Queue& from) {
  Lock lock(mutex_);
  for (;;) {
    from.filled.wait(lock, [&] { return stopping_ || from.tasks.ready(); });
    if (stopping_) return;
    const Task task = *from.tasks.take();
    lock.unlock();
    const Instant begun = now();
    const bool succeeded = task.peek || reconcile(task.repository);
    if (!task.peek) log_.reconciled(succeeded, now() - begun);
    if (task.peek) peek(task.repository);
    lock.lock();
    from.tasks.done(task, succeeded);
    if (from.tasks.ready()) from.filled.notify_one();
    if (!task.peek) over(task.repository, succeeded);
  }
}

void Daemon::note_tips(const RepositoryName& repository, const Survey& survey) {
  const auto found = survey.tips.find(repository);
  if (found == survey.tips.end()) return;
  const std::lock_guard guard(mutex_);
  const auto [entry, fresh] = tips_.try_emplace(repository, found->second);
  if (fresh || entry->second == found->second) return;
  entry->second = found->second;
  backlog_.changed(repository, now());
  backlog_.want(repository, now());
  wake_scheduler(repository);
}

void Daemon::note_tips(const Survey& survey) {
  for (const auto& [repository, tips] : survey.tips) note_tips(repository, survey);
}

bool Daemon::outdated(const Build& build) {
  // What a person approved stays approved, whatever is pushed.
  if (std::holds_alternative<Preview>(build.home.environment)) return false;
  const std::lock_guard guard(mutex_);
  const auto repository = tips_.find(build.home.repository);
  if (repository == tips_.end()) return false;
  const auto tip = repository->second.find(build.branch);
  return tip == repository->second.end() || tip->second != build.commit;
}

/// A listing while the repository's work is still under way, so that builds of old commits end.
void Daemon::peek(const RepositoryName& repository) {
  if (!configured(repository)) return;
  note_tips(repository,
            surveyor_.survey({installation_.repository(repository.text())}, std::nullopt));
}

/// Says the lines of a text unless that is what was said last.
void Daemon::tell(const std::string& subject, DaemonLog::Level level, const std::string& text) {
  {
    const std::lock_guard guard(mutex_);
    if (std::exchange(told_[subject], text) == text) return;
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) log_.say(level, subject, line);
}

void Daemon::set_changing(const RepositoryName& repository, bool changing) {
  const std::lock_guard guard(mutex_);
  changing ? void(changing_.insert(repository)) : void(changing_.erase(repository));
}

bool Daemon::carry_out(const RepositoryName& repository, const Extent& extent, Pass& pass) {
  Controls controls;
  controls.patience = kPatience;
  controls.stopping = [this] { return stopping(); };
  controls.outdated = [this](const Build& build) { return outdated(build); };
  const auto progress = log_.progress();
  set_changing(repository, true);
  auto applied = apply(installation_, leases_, {extent, pass, std::nullopt}, *progress, controls);
  set_changing(repository, false);
  prune_dumps(installation_, now());
  if (!applied) {
    log_.say(DaemonLog::Level::error, repository.text(), applied.error().message);
    return false;
  }
  // A command that failed waits for a new commit or `bough retry`, so it is no reason to hurry.
  return std::all_of(applied->failed.begin(), applied->failed.end(),
                     [](const Failure& failure) { return is_run(failure.step); });
}

/// Whether the survey shows that nothing is to be done; notes what it found.
bool Daemon::rests(const RepositoryName& repository, const Survey& survey) {
  const std::lock_guard guard(mutex_);
  const auto found = survey.tips.find(repository);
  if (found != survey.tips.end()) {
    const auto [entry, fresh] = tips_.try_emplace(repository, found->second);
    if (!fresh && entry->second != found->second) backlog_.changed(repository, now());
    entry->second = found->second;
  }
  return survey.desired.speaks_for.contains(repository) &&
         idle_.rests(repository, survey.desired, now());
}

bool Daemon::reconcile(const RepositoryName& repository) {
  if (!configured(repository)) return true;
  const Extent extent{{installation_.repository(repository.text())}, {}, std::nullopt};
  Survey survey = surveyor_.survey(extent.repositories);
  if (rests(repository, survey)) return true;
  if (auto turn = leases_.turn({repository}, {}))
    return reconcile(repository, extent, std::move(survey));
  // Somebody is at it by the API: Git may have moved on when they are done, and before that.
  set_changing(repository, true);
  auto turn = leases_.turn({repository}, kPatience);
  set_changing(repository, false);
  return turn && reconcile(repository, extent, surveyor_.survey(extent.repositories));
}

bool Daemon::reconcile(const RepositoryName& repository, const Extent& extent, Survey survey) {
  const Desired asked = survey.desired;
  const auto disturbances = [&] {
    const std::lock_guard guard(mutex_);
    return disturbances_[repository];
  };
  const long long before = disturbances();
  auto pass = look_at_servers(installation_, extent, std::move(survey));
  if (!pass) {
    log_.say(DaemonLog::Level::error, repository.text(), pass.error().message);
    return false;
  }
  const Desired& desired = pass->survey.desired;
  if (desired.speaks_for.contains(repository) && !desired.unreadable.contains(repository))
    upkeeper_.want(repository, wanted_stock(desired));
  tell(repository.text(), DaemonLog::Level::warning, refusals_text(pass->plan));
  rehearsals_.want(*extent.repositories.front(), *pass);
  if (auto noted = note_alarms(installation_, pass->plan); !noted)
    log_.say(DaemonLog::Level::error, repository.text(), noted.error().message);
  if (!pass->plan.steps.empty()) return carry_out(repository, extent, *pass);
  if (!asked.speaks_for.contains(repository)) return false;
  if (auto kept = remember_branches(installation_, extent, *pass, Use::seen); !kept) return false;
  if (!waits(*pass) && before == disturbances()) {
    const std::lock_guard guard(mutex_);
    idle_.settled(repository, sums_[repository], asked, now());
  }
  return true;
}

}  // namespace bough
