#include "reconciler/apply.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/cli/plan_file.h"
#include "reconciler/cli/progress.h"
#include "reconciler/cli/render.h"
#include "reconciler/documents.h"

namespace bough::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

/// The first signal ends builds and lets the steps in hand finish; the second ends bough.
void on_signal(int number) {
  if (interrupted != 0) _exit(128 + number);
  interrupted = 1;
}

Controls controls_of_terminal() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  Controls controls;
  controls.stopping = [] { return interrupted != 0; };
  return controls;
}

/// Shows the plan and asks; the plan_id that was agreed to, or nothing.
std::optional<std::string> agreed(const Globals& globals, const Pass& pass) {
  const auto document = plan_document(pass.plan);
  if (!globals.json) fmt::print("{}", plan_text(document, colour_of(STDOUT_FILENO)));
  if (!confirmed("Carry this out?")) return std::nullopt;
  return plan_id(pass.plan);
}

int report(const Globals& globals, const Pass& pass, const Applied& applied) {
  const Plan& plan = pass.plan;
  if (globals.json) {
    const nlohmann::ordered_json line{{"format_version", kFormatVersion},
                                      {"@timestamp", rfc3339(now())},
                                      {"type", "change_summary"},
                                      {"done", applied.done},
                                      {"failed", applied.failed.size()},
                                      {"waiting", plan.waiting.size()},
                                      {"refused", plan.refused.size()},
                                      {"diagnostics", diagnostics_document(plan.diagnostics)}};
    fmt::print("{}\n", line.dump());
  } else {
    for (const Refusal& refusal : plan.refused)
      fmt::print("refused {}: {}\n", refusal.address, printable(refusal.reason));
    for (const auto& one : diagnostics_document(plan.diagnostics))
      if (one["severity"] == "error")
        fmt::print("{}", diagnostic_text(one, colour_of(STDOUT_FILENO)));
    for (const Waiting& waiting : plan.waiting)
      fmt::print("{}: {}\n", title(waiting.home.environment), waiting.because);
    if (applied.done + applied.failed.size() + plan.refused.size() + plan.waiting.size() == 0)
      fmt::print("No changes. Live state matches Git.\n");
    else
      fmt::print("Applied: {} steps done, {} failed, {} refused.\n", applied.done,
                 applied.failed.size(), plan.refused.size());
  }
  if (!applied.failed.empty() || has_errors(plan.diagnostics)) return kFailed;
  return plan.refused.empty() ? kOk : kBlocked;
}

int carry_out(const Globals& globals, Session& session, const Target& target,
              const std::optional<std::string>& approved, bool yes) {
  auto extent = extent_of(*session.installation, target.repository, target.branches);
  if (!extent) return complain(extent.error());
  auto pass = look(*session.installation, *session.surveyor, *extent);
  if (!pass) return complain(pass.error());
  std::optional<std::string> agreement = approved;
  if (!approved && !yes && !pass->plan.steps.empty()) {
    if (!on_terminal(STDIN_FILENO))
      return complain({Fault::invalid,
                       "apply asks before it acts and there is no terminal to ask "
                       "on: use --yes, or give a plan file"});
    agreement = agreed(globals, *pass);
    if (!agreement) return kOk;
  }
  const auto progress = globals.json ? json_progress() : text_progress();
  auto applied = bough::apply(*session.installation, *session.leases, {*extent, *pass, agreement},
                              *progress, controls_of_terminal());
  if (!applied) return complain(applied.error());
  return report(globals, *pass, *applied);
}

}  // namespace

int apply(const Globals& globals, const ApplyArguments& arguments) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  const std::string& named = arguments.target.repository;
  const bool plan_file =
      !session->installation->repository(named) && std::filesystem::is_regular_file(named);
  if (!plan_file)
    return carry_out(globals, *session, arguments.target, std::nullopt, arguments.yes);
  auto saved = load_plan(named, session->installation->key());
  if (!saved) return complain(saved.error());
  return carry_out(globals, *session, saved->target, saved->plan_id, true);
}

int retry(const Globals& globals, const Target& target) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  auto extent = extent_of(*session->installation, target.repository, target.branches);
  if (!extent) return complain(extent.error());
  auto pass = look(*session->installation, *session->surveyor, *extent);
  if (!pass) return complain(pass.error());
  auto journal = session->installation->journal();
  if (!journal) return complain(journal.error());
  int count = 0;
  for (const WantedHome& home : pass->survey.desired.homes) {
    const bool chosen = extent->branches.empty() || extent->branches.contains(home.branch);
    if (!chosen || !*journal) continue;
    if (auto noted = (*journal)->accept({home.home, home.commit}); !noted)
      return complain(noted.error());
    auto forgotten = (*journal)->retry(home.home);
    if (!forgotten) return complain(forgotten.error());
    count += *forgotten;
  }
  if (!globals.json) fmt::print("{} failed or interrupted runs will be tried again.\n", count);
  return carry_out(globals, *session, target, std::nullopt, true);
}

}  // namespace bough::cli
