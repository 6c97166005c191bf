#include "reconciler/survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <set>

#include "reconciler/checkout.h"
#include "reconciler/histories.h"
#include "reconciler/previews.h"
#include "reconciler/reconcile.h"

namespace bough {
namespace {

constexpr std::size_t kLargestSpec = 1 << 20;
constexpr std::chrono::milliseconds kPatience(10'000);

std::vector<std::string> spec_paths(const RepositoryConfig& repository) {
  if (repository.spec) return {*repository.spec};
  return {"app.yaml", ".do/app.yaml"};
}

SpecReading unreadable(const std::string& path, std::string message) {
  return {std::nullopt, {{path, {}, Severity::error, "unreadable-spec", std::move(message), ""}}};
}

/// Puts the working copy's spec in the place of its branch's.
void stand_in(const RepositoryConfig& repository, const std::string& folder, Listed& listed) {
  auto copy = inspect_working_copy(folder);
  if (!copy) return;
  std::erase_if(listed.branches, [&](const auto& one) { return one.branch == copy->branch; });
  for (const std::string& path : spec_paths(repository)) {
    const std::string file = folder + "/" + path;
    if (!std::filesystem::exists(file)) continue;
    auto text = read_file(file);
    listed.branches.push_back(
        {copy->branch, copy->commit,
         text ? read_app_spec(*text, file) : unreadable(file, text.error().message)});
    return;
  }
  listed.branches.push_back({copy->branch, copy->commit, NoSpec{}});
}

/// The dev instances that exist may hold what an older spec asked for.
std::set<InstanceName> instances_of(Installation& installation, const Desired& desired) {
  std::set<InstanceName> names;
  for (const InstanceName& name : installation.instances()) names.insert(name);
  for (const WantedHome& home : desired.homes)
    for (const Wanted& wanted : home.databases) names.insert(wanted.instance);
  return names;
}

std::set<Commit> waiting_commits(const Desired& desired, const RepositoryName& repository) {
  std::set<Commit> commits;
  for (const WantedHome& home : desired.homes)
    if (home.home.repository == repository && home.wait_for) commits.insert(home.commit);
  return commits;
}

Result<void> observe_branches(Journal& journal, const RepositoryName& repository,
                              Observed& observed) {
  auto branches = journal.branches(repository);
  if (!branches) return branches.error();
  for (auto& [branch, activity] : *branches)
    observed.activity.emplace(std::pair(repository, branch), activity);
  return {};
}

/// Whether a hold is over there whose database has to be dumped.
bool waits_for_dump(const Contents& contents, const Desired& desired, Instant at) {
  for (const auto& [name, database] : contents.databases) {
    if (!database.mark) continue;
    const auto* held = std::get_if<Held>(&database.mark->standing);
    const auto keeping = desired.keeping.find(database.mark->place.home.repository);
    if (held && keeping != desired.keeping.end() && keeping->second.dump && !held->ask &&
        at >= held->since + keeping->second.hold)
      return true;
  }
  return false;
}

/// Asks for programs only when one is needed: looking for them starts each.
void observe_dumps(const Installation& installation, const Desired& desired, Observed& observed) {
  for (const auto& [instance, seen] : observed.instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents || !waits_for_dump(*contents, desired, now())) continue;
    const EngineDriver* driver = driver_for(Engine::pg);
    auto can = driver->can_dump(contents->version, installation.config().server_binaries,
                                installation.workspace().user);
    if (!can) observed.no_dumps.emplace(instance, can.error().message);
  }
}

Result<std::vector<Approval>> approvals_of(Installation& installation,
                                           const RepositoryName& repository) {
  auto journal = installation.journal();
  if (!journal) return journal.error();
  if (!*journal) return std::vector<Approval>();
  return (*journal)->approvals(repository);
}

/// The commits of migrations that copies were made for.
void add_attempted(const Observed& observed, const RepositoryName& repository,
                   std::set<Commit>& commits) {
  for (const auto& [instance, seen] : observed.instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases) {
      if (!database.mark || database.mark->place.home.repository != repository) continue;
      const auto* image = std::get_if<Image>(&database.mark->standing);
      if (image && image->attempted) commits.insert(image->attempted->commit);
    }
  }
}

Result<void> observe_runs(Installation& installation, const Desired& desired, Observed& observed) {
  auto journal = installation.journal();
  if (!journal) return journal.error();
  if (!*journal) return {};
  auto checkups = (*journal)->checkups();
  if (!checkups) return checkups.error();
  observed.checkups = *std::move(checkups);
  for (const RepositoryName& repository : desired.speaks_for) {
    auto used = (*journal)->used(repository);
    if (!used) return used.error();
    observed.used.merge(*used);
    auto accepted = (*journal)->accepted(repository);
    if (!accepted) return accepted.error();
    observed.accepted.merge(*accepted);
    std::set<Commit> commits;
    for (const WantedHome& home : desired.homes)
      if (home.home.repository == repository) commits.insert(home.commit);
    add_attempted(observed, repository, commits);
    if (auto known = observe_branches(**journal, repository, observed); !known) return known;
    auto states = (*journal)->states(repository, commits);
    if (!states) return states.error();
    observed.runs.merge(*states);
    auto reports = (*journal)->reports(repository, waiting_commits(desired, repository));
    if (!reports) return reports.error();
    observed.reports.insert(observed.reports.end(), reports->begin(), reports->end());
  }
  return {};
}

}  // namespace

Surveyor::Reading Surveyor::read(const RepositoryConfig& repository, const Mirror& mirror,
                                 const Commit& commit, std::map<std::string, Reading>& by_blob) {
  for (const std::string& path : spec_paths(repository)) {
    auto id = mirror.find(commit, path);
    if (!id) return unreadable(path, id.error().message);
    if (!*id) continue;
    if (const auto known = by_blob.find(**id); known != by_blob.end()) return known->second;
    auto blob = mirror.read(commit, path, kLargestSpec);
    if (!blob) return unreadable(path, blob.error().message);
    if (!*blob) continue;
    return by_blob.emplace(**id, read_app_spec((*blob)->text, path)).first->second;
  }
  return NoSpec{};
}

Result<Surveyor::Remembered> Surveyor::remembered(const RepositoryConfig& repository,
                                                  const Mirror& mirror, const Commit& commit,
                                                  std::map<std::string, Reading>& by_blob) {
  const std::vector<std::string>& patterns = repository.migrations;
  auto files = mirror.files(commit, migration_folders(patterns),
                            [&](std::string_view path) { return is_migration(path, patterns); });
  if (!files) return files.error();
  return Remembered{read(repository, mirror, commit, by_blob), *std::move(files), patterns};
}

/// As it was read earlier, if it was.
Result<std::shared_ptr<const Surveyor::Remembered>> Surveyor::recall(Round& round,
                                                                     const Commit& commit) {
  if (const auto known = round.now.find(commit); known != round.now.end()) return known->second;
  const auto earlier = round.before.find(commit);
  if (earlier != round.before.end() && earlier->second->patterns == round.repository.migrations)
    return round.now.emplace(commit, earlier->second).first->second;
  auto fresh = remembered(round.repository, round.mirror, commit, round.by_blob);
  if (!fresh) return fresh.error();
  return round.now.emplace(commit, std::make_shared<const Remembered>(*std::move(fresh)))
      .first->second;
}

/// A pull request that was merged has what it needs: its commit is on a branch that is watched.
Result<void> Surveyor::add_previews(Round& round, const Listing& listing,
                                    const std::vector<Approval>& approvals, Listed& listed) {
  const PreviewSources sources{round.repository, approvals, listing.pull_requests};
  listed.unapproved = unapproved(sources);
  std::vector<Commit> tips;
  for (const auto& [branch, tip] : listing.branches)
    if (watched(round.repository, branch)) tips.push_back(tip);
  for (const Approval& approval : wanted_previews(sources, bough::now())) {
    const Author author = author_of(approval);
    listed.runs_out = listed.runs_out || approval.until || round.repository.ttl;
    auto merged = author == Author::stranger ? round.mirror.reached(approval.commit, tips)
                                             : Result<bool>(false);
    if (!merged) return merged.error();
    auto label = BranchName::parse(approval.ref);
    if (*merged || !label) continue;
    auto known = recall(round, approval.commit);
    PreviewSource preview{{*std::move(label), approval.commit, NoSpec{}, {}}, author};
    preview.source.spec = known ? (*known)->reading
                                : Reading(unreadable("", "its commit is not in the repository: " +
                                                             known.error().message));
    if (known) preview.source.files = (*known)->files;
    auto* reading = std::get_if<SpecReading>(&preview.source.spec);
    if (author == Author::stranger && reading && reading->spec)
      reading->spec = without_secrets(*std::move(reading->spec));
    listed.previews.push_back(std::move(preview));
  }
  return {};
}

Result<Listed> Surveyor::list(const RepositoryConfig& repository) {
  auto approvals = approvals_of(installation_, repository.name);
  if (!approvals) return approvals.error();
  std::set<Commit> keep;
  for (const Approval& one : in_force(repository, *approvals, bough::now()))
    keep.insert(one.commit);
  // Behind one who waits for a silent host nobody else has to wait as long.
  auto borrowed = installation_.mirror(repository, kPatience);
  if (!borrowed) return borrowed.error();
  auto listing = borrowed->mirror->fetch(installation_.config().git_timeout, keep);
  if (!listing) return listing.error();
  Round round{repository, *borrowed->mirror, {}, {}, {}};
  {
    const std::lock_guard guard(mutex_);
    round.before.swap(memory_[repository.name]);
  }
  Listed listed{{}, listing->head, listing->branches.size()};
  for (const auto& [branch, commit] : listing->branches) {
    if (!watched(repository, branch)) continue;
    auto known = recall(round, commit);
    if (!known) return known.error();
    listed.branches.push_back({branch, commit, (*known)->reading, (*known)->files});
  }
  if (auto added = add_previews(round, *listing, *approvals, listed); !added) return added.error();
  const std::lock_guard guard(mutex_);
  memory_[repository.name] = std::move(round.now);
  return listed;
}

std::variant<Listed, Unlisted> Surveyor::ask(const RepositoryConfig& repository,
                                             const std::optional<Local>& local) {
  auto listed = list(repository);
  if (!listed) return Unlisted{listed.error().message};
  if (local) stand_in(repository, local->folder, *listed);
  return *std::move(listed);
}

Survey Surveyor::survey(const std::vector<const RepositoryConfig*>& repositories,
                        const std::optional<Local>& local) {
  std::vector<RepositorySource> sources;
  for (const RepositoryConfig* repository : repositories)
    sources.push_back({*repository, ask(*repository, local)});
  const Abilities abilities{[](Engine engine) { return driver_for(engine) != nullptr; },
                            [this](Engine engine, std::string_view version) {
                              DevHost* host = installation_.dev_host(engine);
                              return host ? host->instance_for(version)
                                          : *InstanceName::parse("none");
                            }};
  Survey survey{desired_from(sources, abilities), {}, {}};
  for (const RepositorySource& source : sources) {
    const auto* listed = std::get_if<Listed>(&source.said);
    if (!listed) continue;
    for (const BranchSource& branch : listed->branches) {
      survey.tips[source.config.name].emplace(branch.branch, branch.commit);
      const auto* reading = std::get_if<SpecReading>(&branch.spec);
      if (!reading || !reading->spec) continue;
      const bool production = branch.branch == production_branch(source.config, listed->head);
      survey.specs.insert_or_assign(
          Home{source.config.name, reading->spec->name,
               production ? Environment(Production{}) : Environment(Branch{branch.branch})},
          *reading->spec);
    }
    survey.runs_out = survey.runs_out || listed->runs_out;
    for (const PreviewSource& preview : listed->previews) {
      const auto* reading = std::get_if<SpecReading>(&preview.source.spec);
      if (!reading || !reading->spec) continue;
      survey.specs.insert_or_assign(
          Home{source.config.name, reading->spec->name, Preview{preview.source.commit}},
          *reading->spec);
    }
  }
  return survey;
}

std::map<InstanceName, SeenInstance> observe_instances(Installation& installation,
                                                       const Desired& desired) {
  std::map<InstanceName, SeenInstance> seen;
  const std::set<InstanceName> names = instances_of(installation, desired);
  if (names.size() == 1) {
    seen.emplace(*names.begin(), installation.observe(*names.begin()));
    return seen;
  }
  std::vector<std::pair<InstanceName, std::future<SeenInstance>>> looks;
  for (const InstanceName& name : names)
    looks.emplace_back(name, std::async(std::launch::async, [&installation, name] {
                         return installation.observe(name);
                       }));
  for (auto& [name, look] : looks) seen.emplace(name, look.get());
  return seen;
}

Result<Observed> observe(Installation& installation, const Desired& desired) {
  Observed observed{observe_instances(installation, desired), {}, {}};
  if (auto runs = observe_runs(installation, desired, observed); !runs) return runs.error();
  if (auto seen = observe_histories(installation, desired, observed); !seen) return seen.error();
  observe_dumps(installation, desired, observed);
  for (const WantedHome& home : desired.homes) {
    if (home.builds.empty()) continue;
    const RunKey key{home.home, "", home.commit, digest(home.builds)};
    if (Checkout(installation.workspace(), home.home, home.commit).built(key.digest))
      observed.checkouts.insert(key);
  }
  return observed;
}

}  // namespace bough
