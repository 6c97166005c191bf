#include "reconciler/rehearse.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>

#include "git/text_diff.h"
#include "reconciler/checkout.h"
#include "reconciler/manual.h"
#include "reconciler/rehearsal_notes.h"
#include "reconciler/scene.h"

namespace bough {
namespace {

/// The branch as Git has it, and production as the servers hold it.
struct Subject {
  const WantedHome& home;
  const AppSpec& spec;
  std::vector<Ours> production;
  RehearsalKey key;
};

/// The last lines that were said.
class Tail {
 public:
  void add(std::string_view line) {
    lines_.emplace_back(line);
    if (lines_.size() > kKept) lines_.pop_front();
  }
  std::vector<std::string> lines() const { return {lines_.begin(), lines_.end()}; }

 private:
  static constexpr std::size_t kKept = 20;
  std::deque<std::string> lines_;
};

Result<const WantedHome*> home_of(const Desired& desired, const RehearsalRequest& request) {
  for (const WantedHome& home : desired.homes)
    if (home.branch == request.branch && !std::holds_alternative<Preview>(home.home.environment))
      return &home;
  const std::string& name = request.repository.name.text();
  for (const Refusal& refusal : desired.refused)
    if (refusal.address == name || refusal.address == name + "/" + request.branch.text())
      return Error{Fault::refused, refusal.reason};
  return Error{Fault::missing, fmt::format("{} asks for no database on branch {}; see bough plan",
                                           name, printable(request.branch.text()))};
}

/// Production's databases of the home's app.
std::vector<Ours> production_of(const Observed& observed, const Home& home) {
  std::vector<Ours> databases = ours(observed, home.repository, {Production{}});
  std::erase_if(databases,
                [&](const Ours& database) { return database.at.place.home.app != home.app; });
  return databases;
}

std::optional<int> version_on(const Observed& observed, const InstanceName& instance) {
  const auto seen = observed.instances.find(instance);
  if (seen == observed.instances.end()) return std::nullopt;
  if (const auto* contents = std::get_if<Contents>(&seen->second)) return contents->version;
  if (const auto* absent = std::get_if<NotCreated>(&seen->second)) return absent->version;
  return std::nullopt;
}

/// One server stands in for all: its version is production's, else what the branch asks for.
Result<int> version_of(const Observed& observed, const Subject& subject) {
  std::set<int> versions;
  for (const Ours& database : subject.production)
    if (const auto version = version_on(observed, database.at.instance)) versions.insert(*version);
  for (const Wanted& wanted : subject.home.databases)
    if (const auto version = version_on(observed, wanted.instance);
        version && subject.production.empty())
      versions.insert(*version);
  if (versions.size() == 1) return *versions.begin();
  if (versions.empty())
    return Error{Fault::unavailable, "no server of its databases answers; see bough instances"};
  return Error{Fault::refused,
               "its databases are on servers of different versions, which cannot be rehearsed "
               "together"};
}

class Rehearsing {
 public:
  Rehearsing(Installation& installation, const RehearsalRequest& request, const Subject& subject,
             Stage& stage, Workspace workspace)
      : installation_(installation),
        request_(request),
        subject_(subject),
        stage_(stage),
        workspace_(std::move(workspace)),
        checkout_(workspace_, subject.home.home, subject.home.commit) {}

  Result<Rehearsal> run();

 private:
  enum class Start { copies, empty };
  Result<void> set_up(Start start);
  Result<void> copy_production(const Wanted& wanted);
  const Ours* twin(const Wanted& wanted) const;
  Result<Rehearsed> upgrade(const Wanted& wanted);
  Result<void> compare_with_fresh(std::vector<Rehearsed>& databases);
  Performance perform(const std::vector<Command>& commands, const std::string& primary);
  Performance perform(const Command& command, const std::string& primary);

  Installation& installation_;
  const RehearsalRequest& request_;
  const Subject& subject_;
  Stage& stage_;
  const Workspace workspace_;
  const Checkout checkout_;
  std::map<std::string, Endpoint> endpoints_;
};

const Ours* Rehearsing::twin(const Wanted& wanted) const {
  for (const Ours& database : subject_.production)
    if (database.at.place.component == wanted.place.component) return &database;
  return nullptr;
}

Result<void> Rehearsing::copy_production(const Wanted& wanted) {
  const Ours* from = twin(wanted);
  if (from == nullptr) return {};
  const std::string& name = from->at.name.text();
  if (!std::holds_alternative<Active>(from->mark.standing))
    return Error{Fault::refused, fmt::format("{} is {}: nothing can be read from it", name,
                                             word_of(from->mark.standing))};
  auto server = installation_.server(from->at.instance);
  if (!server) return server.error();
  const bool data = request_.content == Stage::Content::data;
  request_.say(fmt::format("copying {} of {}", data ? "all" : "the definitions", name));
  return stage_.copy((*server)->endpoint(from->mark), endpoints_.at(wanted.place.component.text()),
                     request_.content);
}

Result<void> Rehearsing::set_up(Start start) {
  for (const Wanted& wanted : subject_.home.databases) {
    auto endpoint = stage_.empty(physical_name(wanted.place, wanted.rank).text());
    if (!endpoint) return endpoint.error();
    endpoints_.insert_or_assign(wanted.place.component.text(), *std::move(endpoint));
    if (start == Start::empty) continue;
    if (auto copied = copy_production(wanted); !copied) return copied;
  }
  return {};
}

Performance Rehearsing::perform(const Command& command, const std::string& primary) {
  const auto failed = [](const Error& error) {
    return Performance{RunState::failed, 127, error.message, std::chrono::milliseconds(0)};
  };
  auto request = request_for(
      {installation_, request_.repository, subject_.spec, endpoints_, primary, checkout_.tree()},
      command);
  if (!request) return failed(request.error());
  request_.say("running " + printable(command.text));
  auto outcome = run_process(*request, request_.say, request_.stopping);
  if (!outcome) return failed(outcome.error());
  return {outcome->state, outcome->exit_code, outcome->note, outcome->took};
}

/// One command after the other, until one does not succeed.
Performance Rehearsing::perform(const std::vector<Command>& commands, const std::string& primary) {
  Performance all;
  for (const Command& command : commands) {
    Performance one = perform(command, primary);
    one.took += all.took;
    all = std::move(one);
    if (all.state != RunState::succeeded) break;
  }
  return all;
}

Result<Rehearsed> Rehearsing::upgrade(const Wanted& wanted) {
  const std::string component = wanted.place.component.text();
  const Endpoint& at = endpoints_.at(component);
  const Ours* from = twin(wanted);
  Rehearsed result{wanted.place,
                   from ? from->at.name.text() : "",
                   from && request_.content == Stage::Content::data,
                   {},
                   {},
                   {},
                   "",
                   {},
                   ""};
  auto before = stage_.structure(at);
  if (!before) return before.error();
  if (auto watched = stage_.watch(at); !watched) return watched.error();
  result.upgrade = perform(wanted.migrations, component);
  auto sightings = stage_.sightings();
  if (!sightings) return sightings.error();
  result.sightings = *std::move(sightings);
  result.advice = advice_for(result.sightings);
  auto after = stage_.structure(at);
  if (!after) return after.error();
  result.changes = text_diff(*before, *after);
  result.divergence = *std::move(after);  // until the fresh one is known
  return result;
}

Result<void> Rehearsing::compare_with_fresh(std::vector<Rehearsed>& databases) {
  if (auto ready = set_up(Start::empty); !ready) return ready;
  for (Rehearsed& one : databases) {
    const auto& all = subject_.home.databases;
    const auto wanted = std::find_if(all.begin(), all.end(),
                                     [&](const Wanted& each) { return each.place == one.place; });
    const std::string component = one.place.component.text();
    const std::string upgraded = std::exchange(one.divergence, "");
    one.fresh = perform(wanted->migrations, component);
    if (one.fresh.state != RunState::succeeded) continue;
    auto structure = stage_.structure(endpoints_.at(component));
    if (!structure) return structure.error();
    one.divergence = text_diff(*structure, upgraded);
  }
  return {};
}

Result<Rehearsal> Rehearsing::run() {
  auto mirror = installation_.mirror(request_.repository);
  if (!mirror) return mirror.error();
  if (auto filled = checkout_.refill(*mirror->mirror); !filled) return filled.error();
  mirror->lock.unlock();
  if (auto ready = set_up(Start::copies); !ready) return ready.error();
  Rehearsal rehearsal{subject_.key, subject_.home.branch};
  const std::string first = subject_.home.databases.front().place.component.text();
  const Performance build = perform(subject_.home.builds, first);
  if (build.state != RunState::succeeded)
    return Error{Fault::invalid,
                 fmt::format("the build {}: {}", word_of(build.state),
                             build.note.empty() ? fmt::format("exit code {}", build.exit_code)
                                                : build.note)};
  for (const Wanted& wanted : subject_.home.databases) {
    if (wanted.migrations.empty()) continue;
    auto rehearsed = upgrade(wanted);
    if (!rehearsed) return rehearsed.error();
    rehearsal.databases.push_back(*std::move(rehearsed));
  }
  if (rehearsal.databases.empty())
    return Error{Fault::missing, "it has no migration command; see docs/runs.md"};
  if (!succeeded(rehearsal)) {
    for (Rehearsed& one : rehearsal.databases) one.divergence.clear();
    return rehearsal;
  }
  if (auto compared = compare_with_fresh(rehearsal.databases); !compared) return compared.error();
  return rehearsal;
}

Result<Rehearsal> rehearse_within(Installation& installation, const Survey& survey,
                                  const RehearsalRequest& request) {
  auto home = home_of(survey.desired, request);
  if (!home) return home.error();
  if ((*home)->runs_refused) return Error{Fault::refused, *(*home)->runs_refused};
  auto observed = observe(installation, survey.desired);
  if (!observed) return observed.error();
  const Subject subject{**home, survey.specs.at((*home)->home),
                        production_of(*observed, (*home)->home), key_of(**home, *observed)};
  auto version = version_of(*observed, subject);
  if (!version) return version.error();
  request.say(fmt::format("starting a private PostgreSQL {}", *version));
  Workspace workspace = installation.workspace();
  auto stage =
      driver_for(Engine::pg)
          ->stage({workspace.shared_dir + "/stages", *version,
                   installation.config().server_binaries, workspace.user, request.stopping});
  if (!stage) return stage.error();
  workspace.shared_dir = (*stage)->folder();
  return Rehearsing(installation, request, subject, **stage, std::move(workspace)).run();
}

}  // namespace

bool succeeded(const Rehearsal& rehearsal) {
  return std::all_of(rehearsal.databases.begin(), rehearsal.databases.end(),
                     [](const Rehearsed& one) { return one.upgrade.state == RunState::succeeded; });
}

std::chrono::milliseconds time_for(const RepositoryConfig& repository) {
  return repository.build_timeout + 2 * repository.migration_timeout;
}

Result<void> keep_rehearsal(Installation& installation, const RehearsalKey& key,
                            const Result<Rehearsal>& rehearsal) {
  auto journal = installation.journal();
  if (!journal) return journal.error();
  if (!*journal) return {};
  RehearsalRecord record{key, RehearsalState::impossible};
  if (rehearsal) {
    auto document = rehearsal_document(*rehearsal);
    document["output"] = rehearsal->output;
    record.state = succeeded(*rehearsal) ? RehearsalState::succeeded : RehearsalState::failed;
    record.report = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } else {
    record.report = rehearsal.error().message;
  }
  if (auto begun = (*journal)->begin_rehearsal(key); !begun) return begun;
  return (*journal)->finish_rehearsal(record);
}

Result<Rehearsal> rehearse(Installation& installation, const Survey& survey,
                           const RehearsalRequest& asked) {
  Tail tail;
  const auto until = std::chrono::steady_clock::now() + time_for(asked.repository);
  const auto late = [&] { return std::chrono::steady_clock::now() > until; };
  RehearsalRequest request = asked;
  request.say = [&](std::string_view line) {
    tail.add(printable(line));
    asked.say(line);
  };
  request.stopping = [&] { return late() || asked.stopping(); };
  auto rehearsal = rehearse_within(installation, survey, request);
  if (late() && !(rehearsal && succeeded(*rehearsal)))
    return Error{Fault::refused, fmt::format("the rehearsal took longer than {}, and was ended",
                                             to_text(time_for(asked.repository)))};
  if (rehearsal) rehearsal->output = tail.lines();
  return rehearsal;
}

}  // namespace bough
