#include "spec/plan.h"

namespace bough {
namespace {

void count(Summary& summary, const Step& step) {
  const auto standing = [&](const SetStanding& set) {
    const bool waits = std::holds_alternative<Held>(set.mark.standing) ||
                       std::holds_alternative<Detached>(set.mark.standing);
    ++(waits ? summary.hold : summary.change);
  };
  const auto create = [&] { ++(step.drift ? summary.change : summary.create); };
  std::visit(
      Match{[&](const StartInstance&) { ++summary.create; }, [&](const CreateRole&) { create(); },
            [&](const CreateDatabase&) { create(); }, [&](const GrantAccess&) { create(); },
            standing, [&](const SetAside&) { ++summary.change; },
            [&](const RestrictRole&) { ++summary.change; },
            [&](const SetPassword&) { ++summary.change; },
            [&](const RenameBack&) { ++summary.change; }, [&](const MakeExtensions&) { create(); },
            [&](const TrustSources&) { ++summary.change; },
            [&](const DropDatabase&) { ++summary.destroy; },
            [&](const DropRole&) { ++summary.destroy; }, [&](const Build&) { ++summary.run; },
            [&](const Migrate&) { ++summary.run; }},
      step.action);
}

}  // namespace

std::optional<Home> home_of(const Action& action) {
  return std::visit(
      Match{[](const StartInstance&) -> std::optional<Home> { return std::nullopt; },
            [](const Build& build) -> std::optional<Home> { return build.home; },
            [](const auto& other) -> std::optional<Home> { return other.at.place.home; }},
      action);
}

std::optional<InstanceName> instance_of(const Action& action) {
  return std::visit(
      Match{
          [](const StartInstance& start) -> std::optional<InstanceName> { return start.instance; },
          [](const Build&) -> std::optional<InstanceName> { return std::nullopt; },
          [](const auto& other) -> std::optional<InstanceName> { return other.at.instance; }},
      action);
}

Summary summary_of(const Plan& plan) {
  Summary summary;
  for (const Step& step : plan.steps) count(summary, step);
  summary.waiting = static_cast<int>(plan.waiting.size());
  summary.refused = static_cast<int>(plan.refused.size());
  return summary;
}

}  // namespace bough
