#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/reconcile.h"
#include "reconciler/rehearse.h"

namespace bough::operations {
namespace {

/// What the copies of production hold, as the operator lets branches see them.
Result<Stage::Content> content_of(const Context& context, const RepositoryConfig& repository,
                                  const Arguments& arguments) {
  if (repository.copies.what == Copy::data) return Stage::Content::data;
  if (!arguments.flag("data")) return Stage::Content::schema;
  if (context.asker.may(Scope::admin)) return Stage::Content::data;
  return Error{Fault::denied, "production's data is rehearsed with only for the scope admin"};
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
  auto rehearsal = bough::rehearse(*context.installation, *context.surveyor,
                                   {**repository, *branch, *content, say, context.stopping});
  if (!rehearsal) return rehearsal.error();
  return Outcome{text_of(rehearsal_document(*rehearsal)), succeeded(*rehearsal) ? kOk : kFailed};
}

}  // namespace bough::operations
