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
  std::visit(Match{[&](const StartInstance&) { ++summary.create; },
                   [&](const CreateRole&) { create(); },
                   [&](const CreateDatabase&) { create(); },
                   [&](const CopyDatabase&) { create(); },
                   [&](const GrantAccess&) { create(); },
                   standing,
                   [&](const SetAside&) { ++summary.change; },
                   [&](const RestrictRole&) { ++summary.change; },
                   [&](const SetPassword&) { ++summary.change; },
                   [&](const RenameBack&) { ++summary.change; },
                   [&](const MakeExtensions&) { create(); },
                   [&](const TrustSources&) { ++summary.change; },
                   [](const DumpDatabase&) {},
                   [&](const FillDatabase&) { ++summary.create; },
                   [&](const PutInPlace&) { ++summary.change; },
                   [&](const MoveDatabase&) { ++summary.change; },
                   [&](const AdoptDatabase&) { ++summary.adopt; },
                   [&](const DropDatabase&) { ++summary.destroy; },
                   [&](const DropRole&) { ++summary.destroy; },
                   [&](const KeepImage&) { ++summary.change; },
                   [&](const PutBack&) { ++summary.change; },
                   [&](const DropImage&) { ++summary.change; },
                   [&](const FillTemplate&) { ++summary.create; },
                   [&](const MakeSpare&) { ++summary.create; },
                   [&](const DropStock&) { ++summary.destroy; },
                   [&](const auto&) { ++summary.run; }},
             step.action);
}

}  // namespace

const Kept* kept_of(const Action& action) {
  if (const auto* fill = std::get_if<FillTemplate>(&action)) return &fill->kept;
  if (const auto* make = std::get_if<MakeSpare>(&action)) return &make->kept;
  if (const auto* drop = std::get_if<DropStock>(&action)) return &drop->kept;
  return nullptr;
}

std::optional<Home> home_of(const Action& action) {
  using Answer = std::optional<Home>;
  return std::visit(Match{[](const StartInstance&) -> Answer { return std::nullopt; },
                          [](const FillTemplate&) -> Answer { return std::nullopt; },
                          [](const MakeSpare&) -> Answer { return std::nullopt; },
                          [](const DropStock&) -> Answer { return std::nullopt; },
                          [](const Build& build) -> Answer { return build.home; },
                          [](const auto& other) -> Answer { return other.at.place.home; }},
                    action);
}

std::optional<InstanceName> instance_of(const Action& action) {
  using Answer = std::optional<InstanceName>;
  return std::visit(Match{[](const StartInstance& start) -> Answer { return start.instance; },
                          [](const FillTemplate& fill) -> Answer { return fill.kept.instance; },
                          [](const MakeSpare& make) -> Answer { return make.kept.instance; },
                          [](const DropStock& drop) -> Answer { return drop.kept.instance; },
                          [](const Build&) -> Answer { return std::nullopt; },
                          [](const auto& other) -> Answer { return other.at.instance; }},
                    action);
}

std::optional<PlannedRun> run_of(const Action& action) {
  using Run = std::optional<PlannedRun>;
  const auto in = [](RunKind kind, const std::string& component, const auto& run) {
    return PlannedRun{kind,
                      {run.at.place.home, component, run.commit, digest(run.commands)},
                      run.branch,
                      run.commands};
  };
  return std::visit(Match{[](const Build& build) -> Run {
                            return PlannedRun{
                                RunKind::build,
                                {build.home, "", build.commit, digest(build.commands)},
                                build.branch,
                                build.commands};
                          },
                          [&](const Migrate& run) -> Run {
                            return in(RunKind::migration, run.at.place.component.text(), run);
                          },
                          [&](const Seed& run) -> Run {
                            return in(RunKind::seed, run.at.place.component.text(), run);
                          },
                          [&](const RunJobs& run) -> Run { return in(run.kind, run.after, run); },
                          [](const auto&) -> Run { return std::nullopt; }},
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
