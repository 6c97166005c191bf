#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reconciler/cli/commands.h"
#include "reconciler/cli/database_commands.h"
#include "reconciler/cli/settings.h"

namespace CLI {
class App;
}

/// The command line in CLI11's terms; for main.cc and line*.cc only.
namespace bough::cli {

/// The command line: options bind to the argument structs, and `run` is what was asked for.
struct Line {
  CLI::App& app;
  Globals globals{};
  Target target{};
  ValidateArguments validate{};
  PlanArguments plan{};
  ApplyArguments apply{};
  ServeArguments serve{};
  StatusArguments status{};
  EnvArguments env{};
  ExecArguments exec{};
  LogsArguments logs{};
  EventsArguments events{};
  HistoryArguments history{};
  DestroyArguments destroy{};
  MoveArguments move{};
  RotateArguments rotate{};
  RehearseArguments rehearse{};
  PreviewArguments preview{};
  RepoArguments repo{};
  LinkArguments link{};
  AssignArguments assign{};
  WebhooksArguments webhooks{};
  BuildArguments build{};
  RestoreArguments restore{};
  ResetArguments reset{};
  AdoptArguments adopt{};
  std::string name{};
  std::function<int()> run{};
};

/// Adds a command; `run` is what it does when it is the one that was asked for.
CLI::App* command(Line& line, CLI::App& to, const char* name, const char* does, const char* example,
                  std::function<int()> run);
CLI::App* command(Line& line, const char* name, const char* does, const char* example,
                  std::function<int()> run);

/// Adds the repository, `[REPO]` when it may be left out, and the branches.
void add_target(CLI::App* to, Target& target, const std::string& repository = "[REPO]");

/// Prints what may stand in the place of the last word, one a line: what a completion script asks.
inline constexpr const char* kComplete = "__complete";
int complete(const CLI::App& app, const std::vector<std::string>& words);

/// What is done to databases by name.
void add_databases(Line& line);
/// What ends holds, brings databases back and takes them in.
void add_holds(Line& line);
/// What changes the configuration.
void add_settings(Line& line);

}  // namespace bough::cli
