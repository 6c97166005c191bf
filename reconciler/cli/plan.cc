#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/cli/plan_file.h"
#include "reconciler/cli/render.h"
#include "reconciler/documents.h"

namespace bough::cli {
namespace {

/// With --local only the working copy's branch is planned.
Result<void> narrow_to_local(const std::string& folder, Extent& extent) {
  auto copy = inspect_working_copy(folder);
  if (!copy) return copy.error();
  if (extent.repositories.size() != 1)
    return Error{Fault::invalid, "--local needs one repository: bough plan REPO --local DIR"};
  extent.local = Surveyor::Local{folder};
  extent.branches = {copy->branch};
  return {};
}

void print(const nlohmann::ordered_json& document, const Globals& globals, bool markdown) {
  if (globals.json) {
    fmt::print("{}\n", document.dump(2));
  } else if (markdown) {
    fmt::print("{}", plan_markdown(document));
  } else {
    fmt::print("{}", plan_text(document, colour_of(STDOUT_FILENO)));
  }
}

}  // namespace

int plan(const Globals& globals, const PlanArguments& arguments) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  auto extent =
      extent_of(*session->installation, arguments.target.repository, arguments.target.branches);
  if (!extent) return complain(extent.error());
  if (!arguments.local.empty())
    if (auto narrowed = narrow_to_local(arguments.local, *extent); !narrowed)
      return complain(narrowed.error());
  auto pass = look(*session->installation, *session->surveyor, *extent);
  if (!pass) return complain(pass.error());
  const auto document = plan_document(pass->plan);
  print(document, globals, arguments.markdown);
  if (!arguments.out.empty())
    if (auto saved =
            save_plan(arguments.out, arguments.target, document, session->installation->key());
        !saved)
      return complain(saved.error());
  if (pass->survey.desired.speaks_for.size() < extent->repositories.size()) return kFailed;
  return arguments.detailed_exitcode && !pass->plan.steps.empty() ? kChanges : kOk;
}

}  // namespace bough::cli
