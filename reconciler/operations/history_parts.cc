#include "reconciler/operations/history_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace bough::operations {
namespace {

std::string address_of(const RunRecord& run) {
  const Home& home = run.key.home;
  const std::string at = home.repository.text() + "/" + path_of(home.environment);
  return run.key.component.empty() ? at : at + "/" + run.key.component;
}

Passage passage(const RunRecord& run) {
  std::string message(word_of(run.state));
  if (run.ended_at)
    message += fmt::format(" after {:.1f} s",
                           static_cast<double>((*run.ended_at - run.started_at).count()) / 1000);
  if (!run.note.empty()) message += ": " + printable(run.note);
  return {run.started_at, address_of(run),       std::string(word_of(run.kind)),
          message,        run.key.commit.text(), run.id};
}

/// Of the environment itself, or of one of its components, whose names have no slash: `a/b` is
/// another branch than `a`.
bool is_within(const std::string& address, const std::string& environment) {
  if (address == environment) return true;
  return address.starts_with(environment + "/") &&
         address.find('/', environment.size() + 1) == std::string::npos;
}

}  // namespace

std::vector<Event> events_of(std::vector<Event> events, const RepositoryName& repository,
                             const std::set<Environment>& environments) {
  std::erase_if(events, [&](const Event& event) {
    if (event.kind.starts_with("run-")) return true;
    return !environments.empty() &&
           std::none_of(environments.begin(), environments.end(), [&](const Environment& one) {
             return is_within(event.address, repository.text() + "/" + path_of(one));
           });
  });
  return events;
}

std::vector<Passage> woven(const std::vector<RunRecord>& runs, const std::vector<Event>& events) {
  std::vector<Passage> all;
  for (const Event& event : events)
    all.push_back({event.at, event.address, event.kind, event.message});
  // They come with the newest first.
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) all.push_back(passage(*run));
  std::stable_sort(all.begin(), all.end(),
                   [](const Passage& a, const Passage& b) { return a.at < b.at; });
  return all;
}

}  // namespace bough::operations
