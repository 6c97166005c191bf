#include <nlohmann/json.hpp>

#include "reconciler/apply.h"
#include "reconciler/documents.h"
#include "reconciler/operations/by_command.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "reconciler/operations/progress.h"
#include "reconciler/operations/sealed_plan.h"

namespace bough::operations {
namespace {

constexpr std::chrono::milliseconds kPatience(10'000);

/// What `apply` was asked to carry out.
struct Ordered {
  Extent extent;
  std::optional<std::string> approved;
};

Result<Ordered> ordered(const Context& context, const Arguments& arguments) {
  std::optional<std::string> approved;
  if (arguments.has("plan_id")) approved = arguments.text("plan_id");
  if (!arguments.has("plan")) {
    auto extent = extent_of(context, arguments);
    if (!extent) return extent.error();
    return Ordered{*std::move(extent), approved};
  }
  auto saved = read_sealed(arguments.text("plan"), context.installation->key());
  if (!saved) return saved.error();
  Arguments target;
  target.put("repository", saved->repository);
  target.put("branch", saved->branches);
  auto extent = extent_of(context, target);
  if (!extent) return extent.error();
  return Ordered{*std::move(extent), saved->plan_id};
}

Result<Outcome> carry_out(Context& context, const Ordered& order, const Emit& emit) {
  auto pass = look(*context.installation, *context.surveyor, order.extent);
  if (!pass) return pass.error();
  context.surveyed(pass->survey);
  Controls controls;
  controls.stopping = context.stopping;
  controls.outdated = context.outdated;
  controls.asked_for = true;
  const auto progress = progress_to(emit);
  auto applied = bough::apply(*context.installation, *context.leases,
                              {order.extent, *pass, order.approved}, *progress, controls);
  if (!applied) return applied.error();
  return summary_of(pass->plan, *applied);
}

/// To name production is to take its rewritten migrations as they are.
Result<void> permit_named(const Context& context, const Extent& extent, const Pass& pass) {
  for (const WantedHome& home : pass.survey.desired.homes)
    if (is_production(home.home.environment) && is_meant(extent, home))
      return permit_production(context, {home.home.environment}, "retrying production by name");
  return {};
}

/// Lets the failed runs of the extent's homes run again; how many.
Result<int> forget_failures(Context& context, const Extent& extent) {
  auto pass = look(*context.installation, *context.surveyor, extent);
  if (!pass) return pass.error();
  if (auto may = permit_named(context, extent, *pass); !may) return may.error();
  auto journal = context.installation->journal();
  if (!journal) return journal.error();
  int count = 0;
  for (const WantedHome& home : pass->survey.desired.homes) {
    const bool named = is_meant(extent, home);
    if ((!named && !extent.branches.empty()) || !*journal) continue;
    // Production goes on past rewritten migrations only when it is meant, not in passing.
    if (named || !is_production(home.home.environment))
      if (auto noted = (*journal)->accept({home.home, home.commit}); !noted) return noted.error();
    auto forgotten = (*journal)->retry(home.home);
    if (!forgotten) return forgotten.error();
    count += *forgotten;
  }
  return count;
}

}  // namespace

Result<Outcome> apply(Context& context, const Arguments& arguments, const Emit& emit) {
  auto order = ordered(context, arguments);
  if (!order) return order.error();
  auto turn = context.leases->turn(names_of(order->extent), kPatience);
  if (!turn) return turn.error();
  return carry_out(context, *order, emit);
}

Result<Outcome> retry(Context& context, const Arguments& arguments, const Emit& emit) {
  auto extent = extent_of(context, arguments);
  if (!extent) return extent.error();
  auto turn = context.leases->turn(names_of(*extent), kPatience);
  if (!turn) return turn.error();
  auto count = forget_failures(context, *extent);
  if (!count) return count.error();
  emit(text_of({{"format_version", kFormatVersion},
                {"@timestamp", rfc3339(now())},
                {"type", "retry"},
                {"runs", *count}}));
  return carry_out(context, {*std::move(extent), std::nullopt}, emit);
}

}  // namespace bough::operations
