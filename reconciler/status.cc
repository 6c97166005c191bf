#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "reconciler/documents.h"
#include "spec/dump.h"

namespace bough {
namespace {

using Json = nlohmann::ordered_json;

/// Everything known about one database, from Git's side and the servers'.
struct Subject {
  explicit Subject(Place where) : place(std::move(where)) {}

  Place place;
  const WantedHome* home = nullptr;
  const Wanted* wanted = nullptr;
  std::optional<InstanceName> instance;
  const SeenDatabase* seen = nullptr;
  const SeenRole* role = nullptr;
  std::vector<std::string> aside;  ///< earlier databases of the place
  int version = 0;
};

struct Looks {
  const Pass& pass;
  const std::vector<RunRecord>& runs;
  const std::vector<DumpNote>& dumps;  ///< that were made or failed
};

void add_seen(const Pass& pass, const RepositoryName& repository,
              std::map<Place, Subject>& subjects) {
  for (const auto& [instance, seen] : pass.observed.instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases) {
      if (!database.mark || database.mark->place.home.repository != repository) continue;
      if (std::holds_alternative<Scratch>(database.mark->standing)) continue;
      Subject& subject =
          subjects.try_emplace(database.mark->place, database.mark->place).first->second;
      if (is_aside(database.mark->standing)) subject.aside.push_back(printable(name));
      if (!in_place(database.mark->standing)) continue;
      // Of two, the one on the wanted instance counts.
      if (subject.seen && subject.wanted && subject.wanted->instance != instance) continue;
      subject.instance = instance;
      subject.seen = &database;
      const auto role = contents->roles.find(name);
      subject.role = role == contents->roles.end() ? nullptr : &role->second;
      subject.version = contents->version;
    }
  }
}

std::map<Place, Subject> subjects_of(const Pass& pass, const RepositoryName& repository) {
  std::map<Place, Subject> subjects;
  for (const WantedHome& home : pass.survey.desired.homes) {
    if (home.home.repository != repository) continue;
    for (const Wanted& wanted : home.databases) {
      Subject subject(wanted.place);
      subject.home = &home;
      subject.wanted = &wanted;
      subject.instance = wanted.instance;
      subjects.emplace(wanted.place, subject);
    }
  }
  add_seen(pass, repository, subjects);
  for (const Refusal& refusal : pass.plan.refused)
    if (refusal.place && refusal.repository == repository)
      subjects.try_emplace(*refusal.place, *refusal.place);
  return subjects;
}

const Refusal* refusal_of(const Pass& pass, const Place& place) {
  for (const Refusal& refusal : pass.plan.refused)
    if (refusal.place == place) return &refusal;
  return nullptr;
}

/// The latest run of a kind for the home's commit.
const RunRecord* run_of(const Looks& looks, const Subject& subject, RunKind kind) {
  for (const RunRecord& run : looks.runs) {
    if (run.kind != kind || run.key.home != subject.place.home) continue;
    if (kind == RunKind::migration && run.key.component != subject.place.component.text()) continue;
    if (!subject.home || run.key.commit == subject.home->commit) return &run;
  }
  return nullptr;
}

bool failed(const RunRecord* run) {
  return run && (run->state == RunState::failed || run->state == RunState::timed_out ||
                 run->state == RunState::unknown);
}

bool steps_pending(const Pass& pass, const Place& place) {
  return std::any_of(pass.plan.steps.begin(), pass.plan.steps.end(), [&](const Step& step) {
    return home_of(step.action) == std::optional(place.home);
  });
}

/// What was changed outside of bough, put back by the plan or not.
std::string drift_of(const Pass& pass, const Place& place) {
  std::string text;
  const auto add = [&](const std::string& found) { text += (text.empty() ? "" : "; ") + found; };
  for (const Refusal& refusal : pass.plan.refused)
    if (refusal.drift && refusal.place == place) add(refusal.reason);
  for (const Step& step : pass.plan.steps)
    if (step.drift && home_of(step.action) == std::optional(place.home)) add(step.because);
  return text;
}

/// As of the last time that somebody looked.
Json size_document(const Looks& looks, const Subject& subject) {
  if (!subject.instance || !subject.seen || !subject.seen->mark) return Json();
  const auto& all = looks.pass.observed.checkups;
  const auto found = all.find({*subject.instance, subject.seen->mark->name});
  if (found == all.end()) return Json();
  const auto budget =
      subject.wanted ? subject.wanted->limits.size_bytes : std::optional<long long>();
  const Writes writes = subject.role ? subject.role->writes : Writes::allowed;
  return {{"bytes", found->second.bytes},
          {"budget", budget ? Json(*budget) : Json()},
          {"at", rfc3339(found->second.at)},
          {"writes", writes == Writes::allowed       ? "allowed"
                     : writes == Writes::discouraged ? "discouraged"
                                                     : "none"}};
}

std::string status_of(const Looks& looks, const Subject& subject) {
  const Standing standing =
      subject.seen && subject.seen->mark ? subject.seen->mark->standing : Standing(Active{});
  if (std::holds_alternative<Held>(standing)) return "Held";
  if (std::holds_alternative<Suspended>(standing)) return "Suspended";
  if (std::holds_alternative<Detached>(standing)) return "Unassigned";
  if (refusal_of(looks.pass, subject.place)) return "Error";
  if (failed(run_of(looks, subject, RunKind::build)) ||
      failed(run_of(looks, subject, RunKind::migration)))
    return "Error";
  return subject.seen && !steps_pending(looks.pass, subject.place) ? "Connected" : "Creating";
}

struct Said {
  const char* status;
  std::string reason;
  std::string message;
  std::optional<Instant> since;
};

Json condition(const char* type, const Subject& subject, const Said& said) {
  return {{"type", type},
          {"status", said.status},
          {"reason", said.reason},
          {"message", printable(said.message)},
          {"observed_revision", subject.home ? Json(subject.home->commit.text()) : Json()},
          {"last_transition_time", said.since ? Json(rfc3339(*said.since)) : Json()}};
}

Said said_of_run(const RunRecord* run, bool wanted) {
  if (!run) return {wanted ? "Unknown" : "True", wanted ? "NotRun" : "NothingToRun", "", {}};
  const bool good = run->state == RunState::succeeded;
  return {good                                                                ? "True"
          : run->state == RunState::running || run->state == RunState::queued ? "Unknown"
                                                                              : "False",
          std::string(word_of(run->state)), run->note, run->ended_at};
}

Said said_of_migration(const Looks& looks, const Subject& subject) {
  const RunRecord* run = run_of(looks, subject, RunKind::migration);
  const auto& waiting = looks.pass.plan.waiting;
  const auto waits = std::find_if(waiting.begin(), waiting.end(), [&](const Waiting& one) {
    return one.home == subject.place.home;
  });
  if (!run && waits != waiting.end()) return {"Unknown", "Waiting", waits->because, {}};
  return said_of_run(run, subject.wanted && !subject.wanted->migrations.empty());
}

Said said_of_source(const Pass& pass, const Subject& subject) {
  const RepositoryName& repository = subject.place.home.repository;
  if (!pass.survey.desired.speaks_for.contains(repository))
    return {"False", "Unreachable", "the repository could not be listed", {}};
  return {"True", "Listed", "", {}};
}

Said said_of_spec(const Pass& pass, const Subject& subject) {
  const auto unreadable = pass.survey.desired.unreadable.find(subject.place.home.repository);
  const bool bad = unreadable != pass.survey.desired.unreadable.end() &&
                   unreadable->second.contains(subject.place.home.environment);
  if (bad) return {"False", "Unreadable", "the spec is missing or wrong", {}};
  return {subject.home ? "True" : "Unknown", subject.home ? "Read" : "NotWanted", "", {}};
}

std::optional<Instant> since(const Subject& subject) {
  if (!subject.seen || !subject.seen->mark) return std::nullopt;
  return std::visit(Match{[](const Active&) -> std::optional<Instant> { return std::nullopt; },
                          [](const auto& other) -> std::optional<Instant> { return other.since; }},
                    subject.seen->mark->standing);
}

/// When the hold ends, or why it does not.
Said said_of_hold(const Looks& looks, const Subject& subject) {
  if (!subject.seen || !subject.seen->mark) return {"False", "Wanted", "", {}};
  const auto* held = std::get_if<Held>(&subject.seen->mark->standing);
  if (!held) return {"False", "Wanted", "", since(subject)};
  const auto& all = looks.pass.survey.desired.keeping;
  const auto keeping = all.find(subject.place.home.repository);
  if (held->ask)
    return {"True", "AsksForConfirmation", "so many went at once that it waits for bough confirm",
            held->since};
  if (keeping == all.end()) return {"True", "NotWanted", "", held->since};
  const Instant ends = held->since + keeping->second.hold;
  const auto note = std::find_if(looks.dumps.begin(), looks.dumps.end(), [&](const DumpNote& one) {
    return one.id == dump_id(*subject.instance, *subject.seen->mark) && !one.note.empty();
  });
  if (note != looks.dumps.end()) return {"True", "DumpFailed", note->note, held->since};
  const char* then = keeping->second.dump ? "then it is dumped and dropped" : "then it is dropped";
  return {"True", "NotWanted", fmt::format("until {}, {}", rfc3339(ends), then), held->since};
}

Json conditions(const Looks& looks, const Subject& subject, const std::string& status) {
  const Pass& pass = looks.pass;
  const Refusal* refusal = refusal_of(pass, subject.place);
  const bool pending = steps_pending(pass, subject.place);
  const std::string drift = drift_of(pass, subject.place);
  const bool login = subject.role && subject.role->can_login;
  Json list = Json::array();
  const auto add = [&](const char* type, const Said& said) {
    list.push_back(condition(type, subject, said));
  };
  add("Ready", {status == "Connected" ? "True" : "False", status, refusal ? refusal->reason : "",
                since(subject)});
  add("Reconciling", {pending ? "True" : "False", pending ? "StepsPending" : "Settled", "", {}});
  add("Stalled", {refusal ? "True" : "False",
                  refusal ? "Refused" : "NotRefused",
                  refusal ? refusal->reason : "",
                  {}});
  add("SourceReady", said_of_source(pass, subject));
  add("SpecValid", said_of_spec(pass, subject));
  add("DatabaseReady",
      {subject.seen ? "True" : "False", subject.seen ? "Exists" : "Missing", "", {}});
  add("CredentialsReady",
      {login ? "True" : "False", login ? "MayLogIn" : "LoginWithdrawn", "", since(subject)});
  add("BuildSucceeded", said_of_run(run_of(looks, subject, RunKind::build),
                                    subject.home && !subject.home->builds.empty()));
  add("MigrationSucceeded", said_of_migration(looks, subject));
  add("DriftDetected",
      {drift.empty() ? "False" : "True", drift.empty() ? "AsMarked" : "ChangedOutside", drift, {}});
  add("DeletionHeld", said_of_hold(looks, subject));
  return list;
}

Json database_document(const Looks& looks, const Subject& subject) {
  const std::string status = status_of(looks, subject);
  const Refusal* refusal = refusal_of(looks.pass, subject.place);
  const bool named = subject.seen && subject.seen->mark;
  return {{"component", subject.place.component.text()},
          {"engine", word_of(Engine::pg)},
          {"version", subject.version > 0 ? Json(std::to_string(subject.version)) : Json()},
          {"instance", subject.instance ? Json(subject.instance->text()) : Json()},
          {"name", named ? Json(printable(subject.seen->mark->name.text())) : Json()},
          {"status", status},
          {"migrated_to", named && subject.seen->mark->migrated
                              ? Json(subject.seen->mark->migrated->commit.text())
                              : Json()},
          {"size", size_document(looks, subject)},
          {"set_aside", subject.aside},
          {"message", refusal ? Json(printable(refusal->reason)) : Json("")},
          {"conditions", conditions(looks, subject, status)}};
}

Json environment_document(const Looks& looks, const Home& home,
                          const std::vector<const Subject*>& subjects) {
  const WantedHome* wanted = subjects.front()->home;
  const auto* branch = std::get_if<Branch>(&home.environment);
  const auto* preview = std::get_if<Preview>(&home.environment);
  Json item{{"environment", kind_of(home.environment)},
            {"branch", wanted && !preview ? Json(printable(wanted->branch.text()))
                       : branch           ? Json(printable(branch->name.text()))
                                          : Json()},
            {"commit", wanted ? Json(wanted->commit.text()) : Json()},
            {"databases", Json::array()},
            {"runs", Json::array()}};
  if (preview && preview->commit) item["revision"] = preview->commit->text();
  if (preview && wanted) item["ref"] = printable(wanted->branch.text());
  for (const RehearsalRecord& one : looks.pass.rehearsals)
    if (branch && one.key.home == home && one.state != RehearsalState::none)
      item["rehearsal"] = rehearsal_note_document(
          {home, branch->name, one.key.commit, one.state, one.report, one.at});
  for (const Subject* subject : subjects)
    item["databases"].push_back(database_document(looks, *subject));
  for (const RunRecord& run : looks.runs)
    if (run.key.home == home) item["runs"].push_back(run_document(run));
  return item;
}

/// A run whose end was not recorded, but which the mark of its database proves to have succeeded.
bool proved(const Pass& pass, const RunRecord& run) {
  if (run.state != RunState::unknown || run.kind != RunKind::migration) return false;
  for (const auto& [instance, seen] : pass.observed.instances) {
    const auto* contents = std::get_if<Contents>(&seen);
    if (!contents) continue;
    for (const auto& [name, database] : contents->databases)
      if (database.mark && database.mark->place.home == run.key.home &&
          database.mark->place.component.text() == run.key.component &&
          database.mark->migrated == Migrated{run.key.commit, run.key.digest})
        return true;
  }
  return false;
}

/// The runs as they are known by all that there is to know; newest first.
std::vector<RunRecord> corrected(const Pass& pass, std::vector<RunRecord> runs) {
  std::set<RunKey> seen;
  for (RunRecord& run : runs) {
    // Of several runs of the same commit, the mark speaks of the last.
    if (!seen.insert(run.key).second || !proved(pass, run)) continue;
    run.state = RunState::succeeded;
    run.note = "its end was not recorded; the mark of the database proves it";
  }
  return runs;
}

Json repository_document(const Looks& looks, const RepositoryName& repository) {
  const std::map<Place, Subject> subjects = subjects_of(looks.pass, repository);
  std::map<AppName, std::map<Home, std::vector<const Subject*>>> apps;
  for (const auto& [place, subject] : subjects)
    apps[place.home.app][place.home].push_back(&subject);
  Json document{
      {"name", repository.text()},
      {"reachable", looks.pass.survey.desired.speaks_for.contains(repository)},
      {"unapproved", unapproved_document(looks.pass.survey.desired.unapproved, repository)},
      {"apps", Json::array()}};
  for (const auto& [app, homes] : apps) {
    Json item{{"name", app.text()}, {"environments", Json::array()}};
    for (const auto& [home, members] : homes)
      item["environments"].push_back(environment_document(looks, home, members));
    document["apps"].push_back(std::move(item));
  }
  return document;
}

}  // namespace

Json status_document(const Pass& pass, const Records& records,
                     const std::vector<const RepositoryConfig*>& repositories) {
  Json document{{"format_version", kFormatVersion},
                {"bough_version", kVersion},
                {"at", rfc3339(now())},
                {"repositories", Json::array()},
                {"diagnostics", diagnostics_document(pass.plan.diagnostics)}};
  const std::vector<RunRecord> known = corrected(pass, records.runs);
  for (const RepositoryConfig* repository : repositories)
    document["repositories"].push_back(
        repository_document({pass, known, records.dumps}, repository->name));
  return document;
}

bool has_error_status(const Json& status) {
  for (const Json& repository : status["repositories"])
    for (const Json& app : repository["apps"])
      for (const Json& environment : app["environments"])
        for (const Json& database : environment["databases"])
          if (database["status"] == "Error") return true;
  return false;
}

}  // namespace bough
