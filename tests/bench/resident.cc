#include "tests/bench/resident.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "git/worker.h"
#include "reconciler/apply.h"
#include "tests/bench/spawn.h"

namespace bough::bench {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

template <typename T>
T&& good(Result<T>&& result) {
  if (!result) give_up(result.error().message);
  return *std::move(result);
}

std::string word_of(const Action& action) {
  return std::visit(Match{[](const StartInstance&) { return "step: start instance"; },
                          [](const CreateRole&) { return "step: role"; },
                          [](const CreateDatabase&) { return "step: database"; },
                          [](const GrantAccess&) { return "step: grants and mark"; },
                          [](const SetStanding&) { return "step: standing"; },
                          [](const DropDatabase&) { return "step: drop database"; },
                          [](const DropRole&) { return "step: drop role"; },
                          [](const Build&) { return "step: build"; },
                          [](const Migrate&) { return "step: migration run"; },
                          [](const auto&) { return "step: other"; }},
                    action);
}

/// Times the steps of one apply.
class Stopwatch : public Progress {
 public:
  void started(const Step& step) override {
    const auto now = Clock::now();
    if (!first_) first_ = now;
    running_[describe(step.action)] = now;
  }
  void ended(const Step& step, const std::optional<Error>& error) override {
    last_ = Clock::now();
    if (error) give_up(describe(step.action) + ": " + error->message);
    parts_[word_of(step.action)].push_back(
        milliseconds(last_ - running_.at(describe(step.action))));
  }
  void output(const Action&, std::string_view) override {}

  std::optional<Clock::time_point> first() const { return first_; }
  Clock::time_point last() const { return last_; }
  const Parts& parts() const { return parts_; }

 private:
  std::optional<Clock::time_point> first_;
  Clock::time_point last_;
  std::map<std::string, Clock::time_point> running_;
  Parts parts_;
};

}  // namespace

void configure(const Project& project, const Setup& setup) {
  const Ground& ground = project.ground();
  const std::string url = fmt::format("postgresql://postgres@127.0.0.1:{}/", ground.port);
  ground.admin().run("CREATE DATABASE " + identifier("journal_" + project.app()));
  std::ofstream(project.folder() + "/password") << ground.password;
  std::ofstream file(project.folder() + "/bough.yaml");
  file << "data_dir: ./data\n"
       << "journal: " << url << "journal_" << project.app() << "\n"
       << "journal_password: {file: password}\n"
       << "instances:\n  - name: main-pg\n    url: " << url << "postgres\n"
       << "    password: {file: password}\n"
       << "repositories:\n  - name: " << project.app() << "\n    url: " << project.url() << "\n"
       << "    instance: main-pg\n    sandbox: " << setup.sandbox << "\n"
       << "    limits: {connections: 20}\n";
  if (setup.migrates) file << "    migration_command: " << project.migration_command() << "\n";
}

struct Resident::State {
  explicit State(std::unique_ptr<Installation> opened) : installation(std::move(opened)) {}

  std::unique_ptr<Installation> installation;
  Surveyor surveyor{*installation};
  Leases leases{*installation};

  Extent all() const {
    Extent extent;
    for (const RepositoryConfig& one : installation->config().repositories)
      extent.repositories.push_back(&one);
    return extent;
  }
  /// What the pass found is carried out; nothing when there was nothing to do.
  void carry_out(const Extent& extent, Pass& pass, Stopwatch& stopwatch) {
    if (pass.plan.steps.empty()) return;
    const auto applied =
        good(apply(*installation, leases, {extent, pass, std::nullopt}, stopwatch, Controls{}));
    if (!applied.failed.empty()) give_up(applied.failed.front().error.message);
  }
};

Resident::Resident(const Ground& ground, const std::string& app, const Setup& setup)
    : Contestant(ground, app, setup.transport) {
  set_worker_program(BOUGH_BINARY);
  configure(project(), setup);
  state_ = std::make_unique<State>(good(Installation::open(project().folder() + "/bough.yaml")));
  catch_up({});
}

Resident::~Resident() = default;

void Resident::catch_up(const Branches&) {
  const Extent extent = state_->all();
  Pass pass = good(bough::look(*state_->installation, state_->surveyor, extent));
  if (!pass.plan.refused.empty()) give_up(pass.plan.refused.front().reason);
  Stopwatch stopwatch;
  state_->carry_out(extent, pass, stopwatch);
}

void Resident::look() {
  const Extent extent = state_->all();
  const Pass pass = good(bough::look(*state_->installation, state_->surveyor, extent));
  if (!pass.plan.steps.empty()) give_up("there is something to do in a pass without a change");
}

void Resident::take_apart(Parts& parts) {
  Installation& installation = *state_->installation;
  const Extent extent = state_->all();
  Pass pass;
  parts["look: listing, fetch, specs"].push_back(
      timed([&] { pass.survey = state_->surveyor.survey(extent.repositories, std::nullopt); }));
  parts["look: servers and journal"].push_back(
      timed([&] { pass.observed = good(observe(installation, pass.survey.desired)); }));
  parts["look: plan"].push_back(
      timed([&] { pass.plan = plan(pass.survey.desired, pass.observed, {}, now()); }));
  parts["(lease alone: taken and given back)"].push_back(timed([&] {
    good(state_->leases.take({*InstanceName::parse("main-pg")}, std::chrono::seconds(10)));
  }));
  Stopwatch stopwatch;
  const auto start = Clock::now();
  state_->carry_out(extent, pass, stopwatch);
  const auto end = Clock::now();
  if (!stopwatch.first()) return;
  parts["apply: lease, second look, intent"].push_back(milliseconds(*stopwatch.first() - start));
  parts["apply: all steps"].push_back(milliseconds(stopwatch.last() - *stopwatch.first()));
  parts["apply: end, lease given back"].push_back(milliseconds(end - stopwatch.last()));
  for (const auto& [name, values] : stopwatch.parts())
    parts[name].insert(parts[name].end(), values.begin(), values.end());
}

}  // namespace bough::bench
