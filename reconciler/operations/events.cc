#include "reconciler/operations/events.h"

#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds kFresh(200);
constexpr int kAtOnce = 500;
constexpr int kUsual = 100;
constexpr int kMost = 10'000;

Result<EventFilter> filter_of(const Context& context, const Arguments& arguments) {
  EventFilter filter;
  filter.limit = arguments.has("limit") ? static_cast<int>(arguments.number("limit")) : kUsual;
  if (filter.limit > kMost)
    return Error{Fault::invalid, "limit is at most " + std::to_string(kMost)};
  if (arguments.has("after")) filter.after = arguments.number("after");
  filter.repositories = context.asker.repositories;
  if (arguments.has("repository")) filter.repositories = {arguments.text("repository")};
  return filter;
}

Result<Journal*> journal_of(const Context& context) {
  auto journal = context.installation->journal();
  if (!journal) return journal.error();
  if (!*journal) return Error{Fault::missing, "nothing has been run yet: see bough plan"};
  return journal;
}

/// The events from a point on. Asks for what is new only when anything is.
class EventFeed : public Feed {
 public:
  EventFeed(Journal& journal, EventFilter filter, std::shared_ptr<LastEvent> last)
      : journal_(journal), filter_(std::move(filter)), last_(std::move(last)) {
    filter_.settled = true;
  }

  Result<Batch> next() override {
    auto last = last_->id(journal_);
    if (!last) return last.error();
    if (seen_ && *last <= *seen_) return Batch{};
    auto found = journal_.events(filter_);
    if (!found) return found.error();
    Batch batch;
    for (const Event& event : *found)
      batch.lines.push_back({std::to_string(event.id), text_of(event_document(event))});
    // A full answer may not be all: then there is more to ask for.
    const bool full = filter_.after && static_cast<int>(found->size()) >= filter_.limit;
    if (!full) seen_ = *last;
    if (!found->empty()) filter_.after = found->back().id;
    if (!filter_.after) filter_.after = *last;
    filter_.limit = kAtOnce;
    return batch;
  }

 private:
  Journal& journal_;
  EventFilter filter_;
  std::shared_ptr<LastEvent> last_;
  std::optional<long long> seen_;  ///< the last event there was when all was taken
};

}  // namespace

Result<long long> LastEvent::id(Journal& journal) {
  const std::lock_guard guard(mutex_);
  const auto at = std::chrono::steady_clock::now();
  if (asked_ != std::chrono::steady_clock::time_point{} && at - asked_ < kFresh) return id_;
  auto last = journal.events({{}, std::nullopt, 1});
  if (!last) return last.error();
  asked_ = at;
  id_ = last->empty() ? 0 : last->back().id;
  return id_;
}

Result<Outcome> events(Context& context, const Arguments& arguments, const Emit&) {
  auto filter = filter_of(context, arguments);
  if (!filter) return filter.error();
  auto journal = journal_of(context);
  if (!journal) return journal.error();
  auto found = (*journal)->events(*filter);
  if (!found) return found.error();
  Json document{{"format_version", kFormatVersion}, {"events", Json::array()}};
  for (const Event& event : *found) document["events"].push_back(event_document(event));
  return Outcome{text_of(document)};
}

Result<std::unique_ptr<Feed>> follow_events(Context& context, const Arguments& arguments) {
  auto filter = filter_of(context, arguments);
  if (!filter) return filter.error();
  auto journal = journal_of(context);
  if (!journal) return journal.error();
  return std::unique_ptr<Feed>(
      std::make_unique<EventFeed>(**journal, *std::move(filter), context.last_event));
}

}  // namespace bough::operations
