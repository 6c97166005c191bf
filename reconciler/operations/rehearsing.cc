#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/reconcile.h"
#include "reconciler/rehearse.h"

namespace bough::operations {
namespace {

constexpr std::chrono::milliseconds kGlance(200);

/// What the copies of production hold, as the operator lets branches see them.
Result<Stage::Content> content_of(const Context& context, const RepositoryConfig& repository,
                                  const Arguments& arguments) {
  if (repository.copies.what == Copy::data) return Stage::Content::data;
  if (!arguments.flag("data")) return Stage::Content::schema;
  if (context.asker.may(Scope::admin)) return Stage::Content::data;
  return Error{Fault::denied, "production's data is rehearsed with only for the scope admin"};
}

/// One rehearsal at a time: each has a server of its own. Not held when it is to stop.
std::unique_lock<std::timed_mutex> its_turn(const Context& context,
                                            const RehearsalRequest::Say& say) {
  std::unique_lock turn(*context.rehearsing, std::defer_lock);
  for (bool said = false; !turn.try_lock_for(kGlance); said = true) {
    if (context.stopping()) return turn;
    if (!said) say("waiting for another rehearsal to end");
  }
  return turn;
}

}  // namespace

Result<Outcome> rehearse(Context& context, const Arguments& arguments, const Emit& emit) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  auto branch = BranchName::parse(arguments.text("branch"));
  if (!branch) return within("branch " + printable(arguments.text("branch")), branch.error());
  auto content = content_of(context, **repository, arguments);
  if (!content) return content.error();
  const std::string subject = (*repository)->name.text() + "/" + printable(branch->text());
  const auto say = [&](std::string_view line) {
    emit(text_of({{"format_version", kFormatVersion},
                  {"@timestamp", rfc3339(now())},
                  {"type", "output"},
                  {"address", subject},
                  {"@message", printable(line)}}));
  };
  const Survey survey = context.surveyor->survey({*repository});
  const std::unique_lock turn = its_turn(context, say);
  if (!turn) return Error{Fault::unavailable, "it was stopped before it began"};
  auto rehearsal = bough::rehearse(*context.installation, survey,
                                   {**repository, *branch, *content, say, context.stopping});
  if (!rehearsal) return rehearsal.error();
  // With production's rows it tells more than others may know who read plans.
  if (*content == Stage::Content::schema && !context.stopping())
    if (auto kept = keep_rehearsal(*context.installation, rehearsal->key, rehearsal); !kept)
      return kept.error();
  return Outcome{text_of(rehearsal_document(*rehearsal)), succeeded(*rehearsal) ? kOk : kFailed};
}

}  // namespace bough::operations
