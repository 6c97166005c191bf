#include "reconciler/daemon.h"

#include <fmt/format.h>
#include <sys/stat.h>

namespace bough {
namespace {

constexpr std::chrono::seconds kSupervision(1);
constexpr std::chrono::seconds kBetweenCheckups(5);

/// Changes when the file does, also when another one takes its name.
std::string version_of(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return "";
  return fmt::format("{} {} {}.{}", status.st_ino, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec);
}

std::vector<RepositoryName> names_of(const Config& config) {
  std::vector<RepositoryName> names;
  for (const RepositoryConfig& repository : config.repositories) names.push_back(repository.name);
  return names;
}

}  // namespace

Daemon::Daemon(Installation& installation, DaemonLog& log)
    : installation_(installation),
      log_(log),
      surveyor_(installation),
      leases_(installation),
      watch_(installation),
      checkups_(installation),
      upkeeper_(installation, leases_, surroundings()),
      backlog_({installation.config().poll}, names_of(installation.config()), now()),
      config_version_(version_of(installation.config_file())),
      rehearsals_(installation, [this](const RepositoryName& name, const std::string& text) {
        log_.say(DaemonLog::Level::info, name.text(), text);
      }) {}

/// What the upkeep of templates and spares has to do with: everything else comes first.
Upkeeper::Surroundings Daemon::surroundings() {
  return {[this] {
            const std::lock_guard guard(mutex_);
            return stopping_ || looks_.tasks.waiting() > 0 || !changing_.empty();
          },
          [this] {
            std::set<RepositoryName> names;
            for (const RepositoryName& name : names_of(installation_.config())) names.insert(name);
            return names;
          },
          [this](const Step& step, const std::optional<Error>& error) {
            log_.progress()->ended(step, error);
          },
          [this] { return installation_.config().poll; }};
}

bool Daemon::stopping() {
  const std::lock_guard guard(mutex_);
  return stopping_;
}

void Daemon::stop() {
  const std::lock_guard guard(mutex_);
  stopping_ = true;
  upkeeper_.stop();
  guests_.close();
  ended_.notify_all();
  sooner_.notify_all();
  looks_.filled.notify_all();
  peeks_.filled.notify_all();
}

void Daemon::want(const RepositoryName& repository) {
  const std::lock_guard guard(mutex_);
  disturb(repository);
}

std::size_t Daemon::waiting() {
  const std::lock_guard guard(mutex_);
  return looks_.tasks.waiting();
}

void Daemon::want_all() {
  const std::lock_guard guard(mutex_);
  for (const RepositoryName& name : names_of(installation_.config())) disturb(name);
}

/// When it is due before the scheduler looks again. Who announces in a storm wakes nobody in vain.
void Daemon::wake_scheduler(const RepositoryName& repository) {
  if (const auto due = backlog_.due(repository); due && *due < looks_again_) sooner_.notify_one();
}

void Daemon::add_task(const Task& task) {
  Queue& to = task.peek ? peeks_ : looks_;
  to.tasks.add(task);
  to.filled.notify_one();
}

void Daemon::reload() {
  const std::lock_guard turn(configuring_);
  if (auto reloaded = installation_.reload(); !reloaded) {
    log_.say(DaemonLog::Level::error, "",
             "the configuration is not reloaded, the earlier one stays in force: " +
                 reloaded.error().message);
    return;
  }
  configured_anew();
}

void Daemon::configured_anew() {
  const Config& config = installation_.config();
  {
    const std::lock_guard guard(mutex_);
    backlog_.reconfigure({config.poll}, names_of(config), now());
  }
  if (told_configured_) told_configured_();
  want_all();
  upkeeper_.clear();
  log_.say(DaemonLog::Level::info, "",
           fmt::format("the configuration is reloaded: {} repositories, polled every {}",
                       config.repositories.size(), to_text(config.poll)));
}

void Daemon::when_configured(std::function<void()> told) {
  const std::lock_guard turn(configuring_);
  told_configured_ = std::move(told);
}

Result<void> Daemon::take_in_settings() {
  const std::lock_guard turn(configuring_);
  auto taken = installation_.take_in_settings();
  if (!taken) return taken.error();
  if (*taken) configured_anew();
  return {};
}

void Daemon::reload_when_changed() {
  const std::string version = version_of(installation_.config_file());
  if (std::exchange(config_version_, version) != version) reload();
}

void Daemon::announce(const RepositoryName& repository) {
  const std::lock_guard guard(mutex_);
  backlog_.want(repository, now(), true);
  wake_scheduler(repository);
}

/// Whatever a look at it that is under way finds, there will be another.
void Daemon::disturb(const RepositoryName& repository) {
  idle_.disturbed(repository);
  ++disturbances_[repository];
  backlog_.want(repository, now());
  wake_scheduler(repository);
}

void Daemon::supervise() {
  Lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    reload_when_changed();
    for (DevHost* host : installation_.dev_hosts())
      for (const DevHost::Status& status : host->status()) {
        if (!status.created || status.running) continue;
        log_.say(DaemonLog::Level::warning, "", status.instance.text() + " is down: starting it");
        if (auto access = host->ensure(status.instance); !access)
          log_.say(DaemonLog::Level::error, "", access.error().message);
      }
    lock.lock();
    ended_.wait_for(lock, kSupervision, [this] { return stopping_; });
  }
}

/// Another process may have written down a person's word.
std::set<RepositoryName> Daemon::newly_approved() {
  auto journal = installation_.journal();
  if (!journal || !*journal) return {};
  auto marks = (*journal)->approval_marks();
  if (!marks) return {};
  std::set<RepositoryName> changed;
  for (const auto& [repository, mark] : *marks)
    if (const auto before = approvals_.find(repository);
        before == approvals_.end() || before->second != mark)
      changed.insert(repository);
  approvals_ = *std::move(marks);
  return changed;
}

void Daemon::watch_instances() {
  Lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const auto taken = take_in_settings();
    journal_answers_ = static_cast<bool>(taken);
    std::set<RepositoryName> disturbed = watch_.disturbed();
    disturbed.merge(newly_approved());
    tell("", DaemonLog::Level::error,
         taken ? "" : "what was set by command is not known: " + taken.error().message);
    lock.lock();
    for (const RepositoryName& repository : disturbed) disturb(repository);
    ended_.wait_for(lock, installation_.config().poll, [this] { return stopping_; });
  }
}

/// Spread out, so that many databases are no burden at any time.
void Daemon::check_up() {
  Lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const auto concerned = checkups_.next(now());
    lock.lock();
    if (concerned) disturb(*concerned);
    ended_.wait_for(lock, kBetweenCheckups, [this] { return stopping_; });
  }
}

void Daemon::run() {
  for (DevHost* host : installation_.dev_hosts())
    for (const DevHost::Status& status : host->status())
      if (status.running) running_before_.insert(status.instance);
  std::vector<std::jthread> threads;
  threads.emplace_back([this] { supervise(); });
  threads.emplace_back([this] { watch_instances(); });
  threads.emplace_back([this] { check_up(); });
  threads.emplace_back([this] { upkeeper_.run(); });
  for (int i = 0; i < kWorkers; ++i) threads.emplace_back([this] { work(looks_); });
  for (int i = 0; i < kPeekers; ++i) threads.emplace_back([this] { work(peeks_); });
  {
    Lock lock(mutex_);
    schedule(lock);
  }
  threads.clear();
  rehearsals_.stop();
  guests_.wait();
  for (DevHost* host : installation_.dev_hosts())
    for (const DevHost::Status& status : host->status())
      if (status.running && !running_before_.contains(status.instance))
        if (auto stopped = host->stop(status.instance); !stopped)
          log_.say(DaemonLog::Level::error, "", stopped.error().message);
}

}  // namespace bough
