#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/operations/sealed_plan.h"

namespace bough::operations {
namespace {

/// Only the working copy's branch is planned.
Result<void> narrow_to_local(const std::string& folder, Extent& extent) {
  auto copy = inspect_working_copy(folder);
  if (!copy) return copy.error();
  if (extent.repositories.size() != 1)
    return Error{Fault::invalid, "--local needs one repository: bough plan REPO --local DIR"};
  extent.local = Surveyor::Local{folder};
  extent.branches = {copy->branch};
  return {};
}

}  // namespace

Result<Outcome> plan(Context& context, const Arguments& arguments, const Emit&) {
  auto extent = extent_of(context, arguments);
  if (!extent) return extent.error();
  if (arguments.has("local"))
    if (auto narrowed = narrow_to_local(arguments.text("local"), *extent); !narrowed)
      return narrowed.error();
  auto pass = look(*context.installation, *context.surveyor, *extent);
  if (!pass) return pass.error();
  auto document = plan_document(pass->plan);
  if (arguments.flag("sealed"))
    seal(document, {arguments.text("repository"), arguments.all("branch"), document["plan_id"]},
         context.installation->key());
  const bool whole = pass->survey.desired.speaks_for.size() >= extent->repositories.size();
  return Outcome{text_of(document), whole ? kOk : kFailed};
}

}  // namespace bough::operations
