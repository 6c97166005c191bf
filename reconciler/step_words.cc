#include "reconciler/step_words.h"

namespace bough {
namespace {

StepWords standing(const Active&) {
  return {"database", "resume", "safe"};
}
StepWords standing(const Held&) {
  return {"database", "hold", "withdraws-login"};
}
StepWords standing(const Detached&) {
  return {"database", "detach", "withdraws-login"};
}
StepWords standing(const Suspended&) {
  return {"database", "suspend", "withdraws-login"};
}
StepWords standing(const Image&) {
  return {"database", "copy", "safe"};
}
StepWords standing(const Scratch&) {
  return {"database", "update", "safe"};
}

StepWords words(const GrantAccess&) {
  return {"access", "create", "safe"};
}
StepWords words(const MakeExtensions&) {
  return {"extension", "create", "safe"};
}
StepWords words(const SetStanding& set) {
  return std::visit([](const auto& one) { return standing(one); }, set.mark.standing);
}
StepWords words(const StartInstance&) {
  return {"instance", "create", "safe"};
}
StepWords words(const CreateRole&) {
  return {"role", "create", "safe"};
}
StepWords words(const CreateDatabase&) {
  return {"database", "create", "safe"};
}
StepWords words(const CopyDatabase&) {
  return {"database", "create", "safe"};
}
StepWords words(const SetAside&) {
  return {"database", "rebuild", "sets-data-aside"};
}
StepWords words(const RestrictRole&) {
  return {"limits", "update", "safe"};
}
StepWords words(const SetPassword&) {
  return {"password", "update", "withdraws-password"};
}
StepWords words(const RenameBack&) {
  return {"name", "update", "ends-sessions"};
}
StepWords words(const TrustSources&) {
  return {"trust", "update", "safe"};
}
StepWords words(const DumpDatabase&) {
  return {"database", "dump", "safe"};
}
StepWords words(const FillDatabase&) {
  return {"database", "create", "safe"};
}
StepWords words(const PutInPlace&) {
  return {"database", "restore", "safe"};
}
StepWords words(const MoveDatabase&) {
  return {"database", "move", "safe"};
}
StepWords words(const AdoptDatabase&) {
  return {"database", "adopt", "withdraws-public-access"};
}
StepWords words(const DropDatabase&) {
  return {"database", "delete", "destroys-data"};
}
StepWords words(const DropRole&) {
  return {"role", "delete", "safe"};
}
StepWords words(const KeepImage&) {
  return {"database", "copy", "ends-sessions"};
}
StepWords words(const PutBack&) {
  return {"database", "put-back", "replaces-data"};
}
StepWords words(const DropImage&) {
  return {"database", "drop-copy", "safe"};
}
StepWords words(const Build&) {
  return {"build", "run", "safe"};
}
StepWords words(const Migrate&) {
  return {"migration", "run", "changes-data"};
}
StepWords words(const Seed&) {
  return {"seed", "run", "changes-data"};
}
StepWords words(const RunJobs&) {
  return {"jobs", "run", "safe"};
}
StepWords words(const FillTemplate&) {
  return {"template", "create", "safe"};
}
StepWords words(const MakeSpare&) {
  return {"spare", "create", "safe"};
}
StepWords words(const DropStock& drop) {
  return {drop.kept.stock.what == Copy::none ? "spare" : "template", "delete", "safe"};
}

}  // namespace

StepWords words_of(const Step& step) {
  StepWords result = std::visit([](const auto& one) { return words(one); }, step.action);
  const bool again = std::holds_alternative<GrantAccess>(step.action) ||
                     std::holds_alternative<MakeExtensions>(step.action);
  if (again && step.drift) result.action = "update";
  return result;
}

}  // namespace bough
