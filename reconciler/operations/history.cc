#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/by_command.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/operations/history_parts.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kUsual = 50;
constexpr int kMost = 1000;
/// So far back events are looked at: those of other environments are between them.
constexpr int kEvents = 10'000;

Json document_of(const Passage& one) {
  return {{"at", rfc3339(one.at)},
          {"address", one.address},
          {"kind", one.kind},
          {"message", one.message},
          {"commit", one.commit.empty() ? Json() : Json(one.commit)},
          {"run", one.run == 0 ? Json() : Json(one.run)}};
}

Result<std::vector<Passage>> passages(Journal& journal, const RepositoryName& repository,
                                      const std::set<Environment>& environments) {
  std::vector<RunRecord> runs;
  if (environments.empty()) {
    auto all = journal.runs({repository.text(), std::nullopt, 0, kMost});
    if (!all) return all.error();
    runs = *std::move(all);
  }
  for (const Environment& environment : environments) {
    auto some = journal.runs({repository.text(), environment, 0, kMost});
    if (!some) return some.error();
    runs.insert(runs.end(), some->begin(), some->end());
  }
  auto events = journal.events({{repository.text()}, std::nullopt, kEvents});
  if (!events) return events.error();
  return woven(runs, events_of(*std::move(events), repository, environments));
}

}  // namespace

Result<Outcome> history(Context& context, const Arguments& arguments, const Emit&) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  const long long most = arguments.has("limit") ? arguments.number("limit") : kUsual;
  if (most > kMost) return Error{Fault::invalid, "limit is at most " + std::to_string(kMost)};
  const auto environments =
      environments_of(*context.installation, **repository, arguments.all("branch"));
  if (environments.empty() && arguments.has("branch"))
    return Error{Fault::invalid, "there is no such branch"};
  auto journal = context.installation->journal();
  if (!journal) return journal.error();
  if (!*journal) return Error{Fault::missing, "nothing has been run yet: see bough plan"};
  auto all = passages(**journal, (*repository)->name, environments);
  if (!all) return all.error();
  Json document{{"format_version", kFormatVersion},
                {"repository", (*repository)->name.text()},
                {"history", Json::array()}};
  const auto count = std::min<std::size_t>(all->size(), static_cast<std::size_t>(most));
  for (auto one = all->end() - static_cast<std::ptrdiff_t>(count); one != all->end(); ++one)
    document["history"].push_back(document_of(*one));
  return Outcome{text_of(document)};
}

}  // namespace bough::operations
