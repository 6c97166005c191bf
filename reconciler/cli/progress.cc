#include "reconciler/cli/progress.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "reconciler/documents.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Whom a line is about: `shop/feature/x`.
std::string subject_of(const Action& action) {
  const auto home = home_of(action);
  if (!home) return "bough";
  const auto* branch = std::get_if<Branch>(&home->environment);
  return home->repository.text() + "/" +
         (branch ? printable(branch->name.text()) : kind_of(home->environment));
}

class JsonProgress : public Progress {
 public:
  void started(const Step& step) override { write("apply_start", step.action, {}); }
  void ended(const Step& step, const std::optional<Error>& error) override {
    write(error ? "apply_errored" : "apply_complete", step.action,
          error ? printable(error->message) : "");
  }
  void output(const Action& action, std::string_view line) override {
    write("output", action, std::string(line));
  }

 private:
  static void write(const char* type, const Action& action, const std::string& message) {
    const Json line{{"format_version", kFormatVersion},
                    {"@timestamp", rfc3339(now())},
                    {"type", type},
                    {"address", subject_of(action)},
                    {"step", printable(describe(action))},
                    {"@message", message}};
    fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
    std::fflush(stdout);
  }
};

class TextProgress : public Progress {
 public:
  void started(const Step& step) override {
    begun_[describe(step.action)] = std::chrono::steady_clock::now();
    if (const auto* build = std::get_if<Build>(&step.action)) announce(step, build->commands);
    if (const auto* migrate = std::get_if<Migrate>(&step.action)) announce(step, migrate->commands);
  }
  void ended(const Step& step, const std::optional<Error>& error) override {
    const std::chrono::duration<double> took =
        std::chrono::steady_clock::now() - begun_[describe(step.action)];
    fmt::print("{} {}: {} ({:.2f} s)\n", error ? "FAILED" : "done  ", subject_of(step.action),
               printable(describe(step.action)), took.count());
    if (error) fmt::print("       {}\n", error->message);
    std::fflush(stdout);
  }
  void output(const Action& action, std::string_view line) override {
    fmt::print("       {} | {}\n", subject_of(action), line);
    std::fflush(stdout);
  }

 private:
  static void announce(const Step& step, const std::vector<Command>& commands) {
    for (const Command& command : commands)
      fmt::print("run    {}: {}\n", subject_of(step.action), printable(command.text));
    std::fflush(stdout);
  }

  std::map<std::string, std::chrono::steady_clock::time_point> begun_;
};

}  // namespace

std::unique_ptr<Progress> json_progress() {
  return std::make_unique<JsonProgress>();
}
std::unique_ptr<Progress> text_progress() {
  return std::make_unique<TextProgress>();
}

}  // namespace bough::cli
