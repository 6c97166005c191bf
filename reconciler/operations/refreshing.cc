#include <fmt/format.h>

#include <iterator>

#include "reconciler/apply.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/operations/progress.h"
#include "reconciler/stock.h"

namespace bough::operations {
namespace {

constexpr std::chrono::milliseconds kPatience(10'000);

/// One repository's templates and spares while they are made anew.
class Refreshing {
 public:
  Refreshing(Context& context, Pass& pass, const Emit& emit)
      : context_(context),
        pass_(pass),
        progress_(progress_to(emit)),
        wanted_(wanted_stock(pass.survey.desired)) {}

  bool nothing_wanted() const { return wanted_.empty(); }

  Result<void> round(Refresh refresh) {
    pass_.observed.instances = observe_instances(*context_.installation, {});
    Pass part = pass_;
    part.plan = {};
    part.plan.steps = upkeep(wanted_, pass_.observed, now(), refresh);
    if (part.plan.steps.empty()) return {};
    auto applied =
        apply_steps(*context_.installation, *context_.leases, part, *progress_, Controls{});
    if (!applied) return applied.error();
    applied_.done += applied->done;
    std::move(applied->failed.begin(), applied->failed.end(), std::back_inserter(applied_.failed));
    plan_.steps.insert(plan_.steps.end(), part.plan.steps.begin(), part.plan.steps.end());
    return {};
  }

  Outcome outcome() const { return summary_of(plan_, applied_); }
  bool failed() const { return !applied_.failed.empty(); }

 private:
  Context& context_;
  Pass& pass_;
  std::unique_ptr<Progress> progress_;
  const std::vector<WantedStock> wanted_;
  Plan plan_;
  Applied applied_;
};

}  // namespace

Result<Outcome> refresh(Context& context, const Arguments& arguments, const Emit& emit) {
  auto repository = the_repository(context, arguments.text("repository"));
  if (!repository) return repository.error();
  auto turn = context.leases->turn({(*repository)->name}, kPatience);
  if (!turn) return turn.error();
  auto pass = look(*context.installation, *context.surveyor, {{*repository}, {}, std::nullopt});
  if (!pass) return pass.error();
  if (!pass->survey.desired.speaks_for.contains((*repository)->name))
    return Error{Fault::unavailable, (*repository)->name.text() + " could not be listed"};
  Refreshing refreshing(context, *pass, emit);
  if (refreshing.nothing_wanted())
    warn(emit, (*repository)->name.text() + " asks for no copies; set `copy:` in bough.yaml");
  if (auto filled = refreshing.round(Refresh::all); !filled) return filled.error();
  // The spares of the templates that were just filled.
  if (!refreshing.failed())
    if (auto made = refreshing.round(Refresh::due); !made) return made.error();
  return refreshing.outcome();
}

}  // namespace bough::operations
