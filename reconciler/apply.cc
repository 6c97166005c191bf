#include "reconciler/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "reconciler/activity.h"
#include "reconciler/checkout.h"
#include "reconciler/dumps.h"
#include "reconciler/filling.h"
#include "reconciler/lanes.h"
#include "reconciler/runs.h"
#include "reconciler/trusting.h"
#include "spec/made_by.h"

namespace bough {
namespace {

constexpr std::size_t kLanes = 4;  // what a server creates at once without getting slower

bool is_run(const Step& step) {
  return run_of(step.action).has_value();
}

/// Steps that follow one another, with the journal's ids: of runs, and of other steps.
struct Lane {
  std::vector<Step> steps;
  std::vector<long long> ids;
};

/// One plan being carried out.
class Execution {
 public:
  Execution(Installation& installation, const Pass& pass, Progress& progress,
            const Controls& controls)
      : installation_(installation),
        pass_(pass),
        progress_(progress),
        controls_(controls),
        runs_(installation, pass, controls) {}

  Result<Applied> run();

 private:
  Result<std::vector<Lane>> lanes(Journal& journal) const;
  void run_lane(Journal& journal, const Lane& lane);
  enum class Stage { before, after };
  void keep_ready(Journal& journal, Stage stage);
  void unqueue(Journal& journal, const Lane& lane);
  std::optional<Step> follow_up(Journal& journal, const Lane& lane, std::size_t failed);
  void answer_failure(Journal& journal, const Lane& lane, std::size_t failed);
  bool run_step(Journal& journal, const Step& step, long long id);
  Result<void> carry_out(Journal& journal, const Step& step, long long id);
  Result<void> forget_checkup(Journal& journal, const Step& step);
  Result<void> forget_runs(Journal& journal, const Step& step);
  void tell_end(const Step& step, const Result<void>& result);

  Installation& installation_;
  const Pass& pass_;
  Progress& progress_;
  const Controls& controls_;
  Runs runs_;
  std::mutex mutex_;
  Applied applied_;
};

Result<std::vector<Lane>> Execution::lanes(Journal& journal) const {
  std::vector<Lane> result;
  for (auto& steps : lanes_of(pass_.plan)) result.push_back({std::move(steps), {}});
  std::vector<Step> effects;
  std::vector<RunRecord> runs;
  for (const Lane& lane : result)
    for (const Step& step : lane.steps) {
      if (auto run = queued_run(step.action))
        runs.push_back(*std::move(run));
      else
        effects.push_back(step);
    }
  auto ids = journal.intend(plan_id(pass_.plan), effects);
  if (!ids) return ids.error();
  auto run_ids = journal.queue(runs);
  if (!run_ids) return run_ids.error();
  auto next = ids->begin();
  auto next_run = run_ids->begin();
  for (Lane& lane : result)
    for (const Step& step : lane.steps) lane.ids.push_back(is_run(step) ? *next_run++ : *next++);
  return result;
}

/// What was found of an earlier role or database of that name says nothing of the one that is made.
Result<void> Execution::forget_checkup(Journal& journal, const Step& step) {
  const auto* role = std::get_if<CreateRole>(&step.action);
  const Target* made = role ? &role->at : made_by(step.action);
  if (!made) return {};
  const Target& at = *made;
  const bool known = pass_.observed.checkups.contains({at.instance, at.name});
  return known ? journal.discard({at.instance, at.name}) : Result<void>();
}

/// Whatever was run in an earlier database of the place was not run in the one that is made; what
/// was run in one that moves was.
Result<void> Execution::forget_runs(Journal& journal, const Step& step) {
  if (const auto* put = std::get_if<PutBack>(&step.action)) return journal.undo(put->at.place);
  if (const auto* set = std::get_if<SetAside>(&step.action)) return journal.forget(set->at.place);
  if (const auto* put = std::get_if<PutInPlace>(&step.action)) return journal.forget(put->at.place);
  if (const auto* move = std::get_if<MoveDatabase>(&step.action))
    return journal.move(move->from.place.home, move->at.place.home);
  const auto* drop = std::get_if<DropDatabase>(&step.action);
  if (drop && is_production(drop->at.place.home.environment)) return journal.forget(drop->at.place);
  const Target* made = made_by(step.action);
  if (!made) return {};
  const bool ran =
      std::any_of(pass_.observed.runs.begin(), pass_.observed.runs.end(), [&](const auto& run) {
        return run.first.home == made->place.home &&
               run.first.component == made->place.component.text();
      });
  return ran ? journal.forget(made->place) : Result<void>();
}

Result<void> Execution::carry_out(Journal& journal, const Step& step, long long id) {
  const auto say = [&](std::string_view line) {
    const std::lock_guard guard(mutex_);
    progress_.output(step.action, line);
  };
  if (const auto* build = std::get_if<Build>(&step.action)) return runs_.build(*build, id, say);
  if (const auto* migrate = std::get_if<Migrate>(&step.action))
    return runs_.migrate(*migrate, id, say);
  if (const auto* seed = std::get_if<Seed>(&step.action)) return runs_.seed(*seed, id, say);
  if (const auto* jobs = std::get_if<RunJobs>(&step.action)) return runs_.jobs(*jobs, id, say);
  // Of a database that this plan makes; its server listens by now.
  if (const auto* trust = std::get_if<TrustSources>(&step.action))
    return let_in(installation_, *trust);
  if (const auto* dump = std::get_if<DumpDatabase>(&step.action))
    return make_dump(installation_, *dump, controls_.stopping);
  if (const auto* fill = std::get_if<FillDatabase>(&step.action))
    return fill_from_dump(installation_, *fill, controls_.stopping);
  if (auto forgotten = forget_checkup(journal, step); !forgotten) return forgotten;
  if (auto forgotten = forget_runs(journal, step); !forgotten) return forgotten;
  auto server = installation_.server(*instance_of(step.action));
  if (!server) return server.error();
  if (const auto* fill = std::get_if<FillTemplate>(&step.action))
    return fill_template(installation_, **server, *fill, controls_.stopping);
  return (*server)->apply(step);
}

void Execution::tell_end(const Step& step, const Result<void>& result) {
  const std::lock_guard guard(mutex_);
  if (result) {
    ++applied_.done;
    progress_.ended(step, std::nullopt);
  } else {
    applied_.failed.push_back({step, result.error()});
    progress_.ended(step, result.error());
  }
}

bool Execution::run_step(Journal& journal, const Step& step, long long id) {
  {
    const std::lock_guard guard(mutex_);
    progress_.started(step);
  }
  Result<void> result = carry_out(journal, step, id);
  if (!is_run(step)) {
    auto settled = journal.settle(id, step, result ? "" : result.error().message);
    if (result && !settled) result = settled;
  }
  tell_end(step, result);
  return static_cast<bool>(result);
}

/// The runs that were not begun will not follow in this pass.
void Execution::unqueue(Journal& journal, const Lane& lane) {
  std::vector<long long> runs;
  for (std::size_t i = 0; i < lane.steps.size(); ++i)
    if (is_run(lane.steps[i])) runs.push_back(lane.ids[i]);
  static_cast<void>(journal.unqueue(runs));
}

/// The jobs that the planner has follow what the lane came to, now that its step `failed` did.
std::optional<Step> Execution::follow_up(Journal& journal, const Lane& lane, std::size_t failed) {
  const PlannedRun run = *run_of(lane.steps[failed].action);
  Observed world = pass_.observed;
  for (std::size_t i = 0; i < failed; ++i) world = after(std::move(world), lane.steps[i]);
  auto states = journal.states(run.key.home.repository, {run.key.commit});
  if (!states) return std::nullopt;
  for (const auto& [key, state] : *states) world.runs.insert_or_assign(key, state);
  for (const Step& step : plan(pass_.survey.desired, world, {}, now()).steps) {
    const auto* jobs = std::get_if<RunJobs>(&step.action);
    if (jobs && jobs->kind == RunKind::failed_deploy && jobs->at.place.home == run.key.home)
      return step;
  }
  return std::nullopt;
}

/// Should bough be killed before, the next plan has the same jobs follow.
void Execution::answer_failure(Journal& journal, const Lane& lane, std::size_t failed) {
  if (!is_run(lane.steps[failed]) || controls_.stopping()) return;
  const auto step = follow_up(journal, lane, failed);
  if (!step) return;
  auto ids = journal.queue({*queued_run(step->action)});
  if (!ids) return tell_end(*step, ids.error());
  // It may have failed before it was begun.
  if (!run_step(journal, *step, ids->front())) static_cast<void>(journal.unqueue(*ids));
}

void Execution::run_lane(Journal& journal, const Lane& lane) {
  std::set<Home> ran;
  for (std::size_t i = 0; i < lane.steps.size(); ++i) {
    if (controls_.stopping()) return unqueue(journal, lane);
    if (is_run(lane.steps[i])) ran.insert(*home_of(lane.steps[i].action));
    if (run_step(journal, lane.steps[i], lane.ids[i])) continue;
    unqueue(journal, lane);
    return answer_failure(journal, lane, i);
  }
  for (const WantedHome& home : pass_.survey.desired.homes)
    if (ran.contains(home.home))
      Checkout(installation_.workspace(), home.home, home.commit).remove();
}

/// What belongs to no home: what lanes build on first, and what they leave at the end.
void Execution::keep_ready(Journal& journal, Stage stage) {
  for (const Step& step : pass_.plan.steps) {
    const bool fills = std::holds_alternative<FillTemplate>(step.action);
    if (!kept_of(step.action) || fills != (stage == Stage::before)) continue;
    if (controls_.stopping()) return;
    auto ids = journal.intend(plan_id(pass_.plan), {step});
    if (ids)
      run_step(journal, step, ids->front());
    else
      tell_end(step, ids.error());
  }
}

Result<Applied> Execution::run() {
  auto journal = installation_.journal(Installation::Dev::create);
  if (!journal) return journal.error();
  auto work = lanes(**journal);
  if (!work) return work.error();
  keep_ready(**journal, Stage::before);
  std::atomic<std::size_t> next = 0;
  const auto worker = [&] {
    for (std::size_t i = next++; i < work->size(); i = next++) run_lane(**journal, (*work)[i]);
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < std::min(kLanes, work->size()); ++i) threads.emplace_back(worker);
  worker();
  threads.clear();
  keep_ready(**journal, Stage::after);
  return std::move(applied_);
}

Result<std::size_t> start_instances(Installation& installation, const Plan& plan,
                                    Progress& progress) {
  std::size_t started = 0;
  for (const Step& step : plan.steps) {
    const auto* start = std::get_if<StartInstance>(&step.action);
    if (!start) continue;
    progress.started(step);
    auto server = installation.server(start->instance, Installation::Dev::create);
    progress.ended(step, server ? std::nullopt : std::optional(server.error()));
    if (!server) return server.error();
    ++started;
  }
  return started;
}

/// What comes before the work on servers.
Result<std::size_t> prepare(Installation& installation, const Plan& plan, Progress& progress) {
  auto started = start_instances(installation, plan, progress);
  if (!started) return started;
  auto trusted = trust_sources(installation, plan, progress);
  return trusted ? Result<std::size_t>(*started + *trusted) : trusted;
}

/// The plan without what prepare() does, which is not planned again afterwards.
Plan unprepared(Plan plan) {
  std::erase_if(plan.steps, [](const Step& step) {
    return std::holds_alternative<StartInstance>(step.action) ||
           std::holds_alternative<TrustSources>(step.action);
  });
  return plan;
}

/// Makes durable what commands came to: with the disk's pace, so once for all of them.
Result<void> flush(Installation& installation, const Plan& plan) {
  std::set<InstanceName> migrated;
  for (const Step& step : plan.steps)
    if (auto instance = instance_of(step.action); instance && is_run(step))
      migrated.insert(*std::move(instance));
  for (const InstanceName& name : migrated) {
    auto server = installation.server(name);
    if (!server) return server.error();
    if (auto flushed = (*server)->flush(); !flushed) return flushed;
  }
  return {};
}

Result<Applied> execute(Installation& installation, const Pass& pass, Progress& progress,
                        const Controls& controls) {
  auto applied = Execution(installation, pass, progress, controls).run();
  if (auto flushed = flush(installation, pass.plan); applied && !flushed) return flushed.error();
  return applied;
}

bool moves_failed(const Applied& applied) {
  return std::any_of(applied.failed.begin(), applied.failed.end(), [](const Failure& failure) {
    return std::holds_alternative<MoveDatabase>(failure.step.action);
  });
}

std::set<InstanceName> instances_written(const Plan& plan) {
  std::set<InstanceName> names;
  for (const Step& step : plan.steps)
    if (auto name = instance_of(step.action)) names.insert(*name);
  return names;
}

}  // namespace

Result<void> note_alarms(Installation& installation, const Plan& plan) {
  for (const Refusal& refusal : plan.refused) {
    if (!refusal.drift) continue;
    auto journal = installation.journal();
    if (!journal) return journal.error();
    if (!*journal) return {};
    auto noted = (*journal)->note_once(
        {0, {}, refusal.repository.text(), refusal.address, "drift", refusal.reason});
    if (!noted) return noted;
  }
  return {};
}

Result<Applied> apply(Installation& installation, Leases& leases, const Order& order,
                      Progress& progress, const Controls& controls) {
  Pass& pass = order.pass;
  if (order.approved && plan_id(pass.plan) != *order.approved)
    return Error{Fault::stale, "the plan is no longer what was approved: plan again"};
  if (auto noted = note_alarms(installation, pass.plan); !noted) return noted.error();
  const Use use = controls.asked_for ? Use::asked_for : Use::seen;
  if (pass.plan.steps.empty()) {
    auto kept = remember_branches(installation, order.extent, pass, use);
    return kept ? Result<Applied>(Applied{}) : kept.error();
  }
  auto started = prepare(installation, pass.plan, progress);
  if (!started) return started.error();
  auto hold = leases.take(instances_written(pass.plan), controls.patience);
  if (!hold) return hold.error();
  if (*started > 0 || order.approved || !hold->undisturbed_since(pass.epochs)) {
    const std::string planned = plan_id(unprepared(pass.plan));
    if (auto looked = look_again(installation, order.extent, pass); !looked) return looked.error();
    if (order.approved && plan_id(unprepared(pass.plan)) != planned)
      return Error{Fault::stale, "the servers changed since the plan was approved: plan again"};
  }
  auto applied = execute(installation, pass, progress, controls);
  if (!applied) return applied;
  applied->done += *started;
  // Else a rename whose move failed would not be known for one at the next pass.
  if (!moves_failed(*applied))
    if (auto kept = remember_branches(installation, order.extent, pass, use); !kept)
      return kept.error();
  return applied;
}

Result<Applied> apply_steps(Installation& installation, Leases& leases, const Pass& pass,
                            Progress& progress, const Controls& controls) {
  auto hold = leases.take(instances_written(pass.plan), controls.patience);
  if (!hold) return hold.error();
  return execute(installation, pass, progress, controls);
}

}  // namespace bough
