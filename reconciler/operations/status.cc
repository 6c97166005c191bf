#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"

namespace bough::operations {
namespace {

Result<std::vector<RunRecord>> latest_runs(Installation& installation,
                                           const std::vector<const RepositoryConfig*>& wanted) {
  std::vector<RunRecord> all;
  auto journal = installation.journal();
  if (!journal) return journal.error();
  if (!*journal) return all;
  for (const RepositoryConfig* repository : wanted) {
    auto runs = (*journal)->runs({repository->name.text(), std::nullopt, 0, 500});
    if (!runs) return runs.error();
    all.insert(all.end(), runs->begin(), runs->end());
  }
  return all;
}

}  // namespace

Result<Outcome> status(Context& context, const Arguments& arguments, const Emit&) {
  auto extent = extent_of(context, arguments);
  if (!extent) return extent.error();
  auto pass = look(*context.installation, *context.surveyor, *extent);
  if (!pass) return pass.error();
  auto runs = latest_runs(*context.installation, extent->repositories);
  if (!runs) return runs.error();
  const auto document = status_document(*pass, *runs, extent->repositories);
  return Outcome{text_of(document), has_error_status(document) ? kFailed : kOk};
}

}  // namespace bough::operations
