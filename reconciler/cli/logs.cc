#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "reconciler/cli/commands.h"
#include "reconciler/documents.h"

namespace bough::cli {
namespace {

/// The log of a run's commands, in order.
std::vector<std::string> log_files(const RunRecord& run) {
  std::vector<std::string> files{run.log_file};
  for (int part = 2; std::filesystem::exists(fmt::format("{}.{}", run.log_file, part)); ++part)
    files.push_back(fmt::format("{}.{}", run.log_file, part));
  return files;
}

void print_log(const RunRecord& run) {
  fmt::print("== run {}: {} of {} ({}) {}, {}\n", run.id, word_of(run.kind),
             run.key.commit.text().substr(0, 7), title(run.key.home.environment),
             word_of(run.state), rfc3339(run.started_at));
  if (!run.note.empty()) fmt::print("   {}\n", printable(run.note));
  std::fflush(stdout);
  for (const std::string& name : log_files(run)) {
    std::ifstream file(name, std::ios::binary);
    if (file && file.peek() != std::ifstream::traits_type::eof()) std::cout << file.rdbuf();
  }
  std::cout.flush();
}

void print_run(const RunRecord& run) {
  nlohmann::ordered_json line{{"format_version", kFormatVersion}};
  line.update(run_document(run));
  fmt::print("{}\n", line.dump());
}

/// The runs to show: the one that was named, else those of the latest commit of each branch.
std::vector<RunRecord> chosen(const std::vector<RunRecord>& runs, const LogsArguments& arguments,
                              const std::set<std::pair<RepositoryName, Environment>>& about) {
  std::vector<RunRecord> result;
  std::map<Home, Commit> latest;
  for (const RunRecord& run : runs) {
    const Home& home = run.key.home;
    const bool all = arguments.run != 0 || arguments.target.branches.empty();
    if (!all && !about.contains({home.repository, home.environment})) continue;
    if (latest.emplace(home, run.key.commit).first->second != run.key.commit) continue;
    result.insert(result.begin(), run);
  }
  return result;
}

Result<Journal*> open_journal(Session& session) {
  auto journal = session.installation->journal();
  if (!journal) return journal.error();
  if (!*journal) return Error{Fault::missing, "nothing has been run yet: see bough plan"};
  return journal;
}

void print_event(const Globals& globals, const Event& event) {
  if (globals.json)
    fmt::print("{}\n", event_document(event).dump());
  else
    fmt::print("{}  {:<14} {:<28} {}\n", rfc3339(event.at), event.kind, event.address,
               printable(event.message));
}

}  // namespace

int logs(const Globals& globals, const LogsArguments& arguments) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  auto wanted = repositories(*session->installation, arguments.target.repository);
  if (!wanted) return complain(wanted.error());
  auto journal = open_journal(*session);
  if (!journal) return complain(journal.error());
  auto runs = (*journal)->runs({arguments.target.repository, std::nullopt, arguments.run, 500});
  if (!runs) return complain(runs.error());
  std::set<std::pair<RepositoryName, Environment>> about;
  for (const RepositoryConfig* repository : *wanted)
    for (const Environment& environment :
         environments_of(*session->installation, *repository, arguments.target.branches))
      about.emplace(repository->name, environment);
  const std::vector<RunRecord> shown = chosen(*runs, arguments, about);
  if (shown.empty()) return complain({Fault::missing, "no runs are recorded for that"});
  for (const RunRecord& run : shown) {
    if (globals.json)
      print_run(run);
    else
      print_log(run);
  }
  return kOk;
}

int events(const Globals& globals, const EventsArguments& arguments) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  auto journal = open_journal(*session);
  if (!journal) return complain(journal.error());
  EventFilter filter{arguments.repository, 0, arguments.limit};
  for (;;) {
    auto found = (*journal)->events(filter);
    if (!found) return complain(found.error());
    for (const Event& event : *found) print_event(globals, event);
    std::fflush(stdout);
    if (!arguments.follow) return kOk;
    if (!found->empty()) filter.after_id = found->back().id;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace bough::cli
