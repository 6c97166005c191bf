#include "reconciler/rehearsals.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/rehearsal_notes.h"

namespace bough {
namespace {

constexpr std::chrono::milliseconds kGlance(200);  // at whether it is still wanted
constexpr std::chrono::minutes kPause(5);          // after a server did not answer

/// What it would be copied from is about to change.
bool production_changes(const Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
    const auto home = home_of(step.action);
    return home && is_production(home->environment);
  });
}

bool is_of(const RehearsalKey& key, const RepositoryName& repository) {
  return key.home.repository == repository;
}

/// Whether trying again could help.
bool passes(const Error& error) {
  return error.fault == Fault::unavailable || error.fault == Fault::locked ||
         error.fault == Fault::stale;
}

}  // namespace

Rehearsals::Rehearsals(Installation& installation, Say say)
    : installation_(installation), say_(std::move(say)), thread_([this] { work(); }) {}

void Rehearsals::stop() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Rehearsals::want(const RepositoryConfig& repository, const Pass& pass) {
  const bool wanted = repository.rehearse && !production_changes(pass.plan);
  std::vector<RehearsalKey> coming;
  if (wanted) coming = due(pass.rehearsals, pass.survey.desired, pass.observed);
  const auto survey = coming.empty() ? nullptr : std::make_shared<const Survey>(pass.survey);
  const std::lock_guard guard(mutex_);
  const RepositoryName& name = repository.name;
  std::erase_if(waiting_, [&](const Order& one) { return is_of(one.key, name); });
  std::erase_if(wanted_, [&](const RehearsalKey& one) { return is_of(one, name); });
  if (wanted)
    for (const RehearsalRecord& one : pass.rehearsals) wanted_.insert(one.key);
  std::erase_if(again_, [&](const auto& one) { return one.second <= now(); });
  for (RehearsalKey& key : coming)
    if (key != current_ && !again_.contains(key)) waiting_.push_back({std::move(key), survey});
  changed_.notify_all();
}

bool Rehearsals::cancelled(const RehearsalKey& key) {
  const std::lock_guard guard(mutex_);
  return stopping_ || !wanted_.contains(key);
}

void Rehearsals::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const Order order = std::move(waiting_.front());
    waiting_.pop_front();
    current_ = order.key;
    lock.unlock();
    rehearse(order);
    lock.lock();
    current_.reset();
  }
}

void Rehearsals::rehearse(const Order& order) {
  const RehearsalKey& key = order.key;
  const auto stopping = [&] { return cancelled(key); };
  std::unique_lock turn(*turn_, std::defer_lock);
  while (!turn.try_lock_for(kGlance))
    if (stopping()) return;
  const RepositoryConfig* repository = installation_.repository(key.home.repository.text());
  const auto* branch = std::get_if<Branch>(&key.home.environment);
  auto journal = installation_.journal();
  if (stopping() || !repository || !branch || !journal || !*journal) return;
  if (auto begun = (*journal)->begin_rehearsal(key); !begun) return;
  const auto content =
      repository->copies.what == Copy::data ? Stage::Content::data : Stage::Content::schema;
  keep(order,
       bough::rehearse(installation_, *order.survey,
                       {*repository, branch->name, content, [](std::string_view) {}, stopping}));
}

void Rehearsals::keep(const Order& order, const Result<Rehearsal>& rehearsal) {
  const RehearsalKey& key = order.key;
  const bool later = !rehearsal && passes(rehearsal.error());
  auto journal = installation_.journal();
  if (!journal || !*journal) return;
  const std::string subject = fmt::format(
      "the rehearsal of {} at {}", path_of(key.home.environment), key.commit.text().substr(0, 7));
  if (cancelled(key) || later) {
    static_cast<void>((*journal)->finish_rehearsal({key, RehearsalState::none}));
    if (!later) return;
    say_(key.home.repository, subject + " is put off: " + rehearsal.error().message);
    const std::lock_guard guard(mutex_);
    again_.insert_or_assign(key, now() + kPause);
    return;
  }
  const std::string said = !rehearsal ? "could not be made: " + rehearsal.error().message
                           : succeeded(*rehearsal) ? "succeeded"
                                                   : "failed";
  auto kept = keep_rehearsal(installation_, key, rehearsal);
  say_(key.home.repository, subject + " " + (kept ? said : "is lost: " + kept.error().message));
  static_cast<void>(
      (*journal)->note({0, now(), key.home.repository.text(),
                        key.home.repository.text() + "/" + path_of(key.home.environment),
                        "rehearsed", subject + " " + said}));
}

}  // namespace bough
