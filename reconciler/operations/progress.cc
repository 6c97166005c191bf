#include "reconciler/operations/progress.h"

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;

/// Whom a line is about: `shop/feature/x`.
std::string subject_of(const Action& action) {
  const auto home = home_of(action);
  if (!home) return "bough";
  return home->repository.text() + "/" + path_of(home->environment);
}

Json line_of(const char* type) {
  return {{"format_version", kFormatVersion}, {"@timestamp", rfc3339(now())}, {"type", type}};
}

Json commands_of(const Action& action) {
  Json texts = Json::array();
  if (const auto run = run_of(action))
    for (const Command& command : run->commands) texts.push_back(printable(command.text));
  return texts;
}

class Lines : public Progress {
 public:
  explicit Lines(const Emit& emit) : emit_(emit) {}

  void started(const Step& step) override {
    begun_[describe(step.action)] = std::chrono::steady_clock::now();
    Json line = about("apply_start", step.action, "");
    if (Json commands = commands_of(step.action); !commands.empty())
      line["commands"] = std::move(commands);
    emit_(text_of(line));
  }
  void ended(const Step& step, const std::optional<Error>& error) override {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begun_[describe(step.action)]);
    Json line = about(error ? "apply_errored" : "apply_complete", step.action,
                      error ? printable(error->message) : "");
    line["seconds"] = static_cast<double>(took.count()) / 1000;
    emit_(text_of(line));
  }
  void output(const Action& action, std::string_view line) override {
    emit_(text_of(about("output", action, std::string(line))));
  }

 private:
  static Json about(const char* type, const Action& action, const std::string& message) {
    Json line = line_of(type);
    line["address"] = subject_of(action);
    line["step"] = printable(describe(action));
    line["@message"] = message;
    return line;
  }

  Emit emit_;
  std::map<std::string, std::chrono::steady_clock::time_point> begun_;
};

Json refusals_of(const Plan& plan) {
  Json list = Json::array();
  for (const Refusal& refusal : plan.refused)
    list.push_back({{"address", refusal.address}, {"reason", printable(refusal.reason)}});
  return list;
}

Json waiting_of(const Plan& plan) {
  Json list = Json::array();
  for (const Waiting& waiting : plan.waiting)
    list.push_back({{"environment", title(waiting.home.environment)},
                    {"because", printable(waiting.because)}});
  return list;
}

}  // namespace

std::unique_ptr<Progress> progress_to(const Emit& emit) {
  return std::make_unique<Lines>(emit);
}

void warn(const Emit& emit, const std::string& message) {
  Json line = line_of("warning");
  line["@message"] = printable(message);
  emit(text_of(line));
}

Outcome summary_of(const Plan& plan, const Applied& applied) {
  Json line = line_of("change_summary");
  line["done"] = applied.done;
  line["failed"] = applied.failed.size();
  line["waiting"] = plan.waiting.size();
  line["refused"] = plan.refused.size();
  line["waiting_for"] = waiting_of(plan);
  line["refusals"] = refusals_of(plan);
  line["diagnostics"] = diagnostics_document(plan.diagnostics);
  const bool failed = !applied.failed.empty() || has_errors(plan.diagnostics);
  return {text_of(line), failed ? kFailed : plan.refused.empty() ? kOk : kBlocked};
}

}  // namespace bough::operations
