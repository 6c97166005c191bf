#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"

namespace bough::operations {
namespace {

Result<Records> latest_records(Installation& installation,
                               const std::vector<const RepositoryConfig*>& wanted) {
  Records all;
  auto journal = installation.journal();
  if (!journal) return journal.error();
  if (!*journal) return all;
  for (const RepositoryConfig* repository : wanted) {
    auto runs = (*journal)->runs({repository->name.text(), std::nullopt, 0, 500});
    if (!runs) return runs.error();
    all.runs.insert(all.runs.end(), runs->begin(), runs->end());
    auto dumps = (*journal)->dump_notes(repository->name);
    if (!dumps) return dumps.error();
    all.dumps.insert(all.dumps.end(), dumps->begin(), dumps->end());
  }
  return all;
}

}  // namespace

Result<Outcome> status(Context& context, const Arguments& arguments, const Emit&) {
  auto extent = extent_of(context, arguments);
  if (!extent) return extent.error();
  auto pass = look(*context.installation, *context.surveyor, *extent);
  if (!pass) return pass.error();
  auto records = latest_records(*context.installation, extent->repositories);
  if (!records) return records.error();
  const auto document = status_document(*pass, *records, extent->repositories);
  return Outcome{text_of(document), has_error_status(document) ? kFailed : kOk};
}

}  // namespace bough::operations
