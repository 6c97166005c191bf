#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "reconciler/cli/commands.h"
#include "reconciler/cli/render.h"
#include "reconciler/documents.h"

namespace bough::cli {
namespace {

Result<std::vector<RunRecord>> latest_runs(Installation& installation,
                                           const std::vector<const RepositoryConfig*>& wanted) {
  std::vector<RunRecord> all;
  auto journal = installation.journal();
  if (!journal) return journal.error();
  if (!*journal) return all;
  for (const RepositoryConfig* repository : wanted) {
    auto runs = (*journal)->runs({repository->name.text(), std::nullopt, 0, 500});
    if (!runs) return runs.error();
    all.insert(all.end(), runs->begin(), runs->end());
  }
  return all;
}

Result<nlohmann::ordered_json> look_once(Session& session, const Extent& extent) {
  auto pass = look(*session.installation, *session.surveyor, extent);
  if (!pass) return pass.error();
  auto runs = latest_runs(*session.installation, extent.repositories);
  if (!runs) return runs.error();
  return status_document(*pass, *runs, extent.repositories);
}

void print(const nlohmann::ordered_json& document, const Globals& globals) {
  if (globals.json)
    fmt::print("{}\n", document.dump(2));
  else
    fmt::print("{}", status_text(document, colour_of(STDOUT_FILENO)));
  std::fflush(stdout);
}

}  // namespace

int status(const Globals& globals, const StatusArguments& arguments) {
  auto session = open_session(globals);
  if (!session) return complain(session.error());
  auto extent =
      extent_of(*session->installation, arguments.target.repository, arguments.target.branches);
  if (!extent) return complain(extent.error());
  for (;;) {
    auto document = look_once(*session, *extent);
    if (!document) return complain(document.error());
    if (arguments.watch && on_terminal(STDOUT_FILENO)) fmt::print("\x1b[2J\x1b[H");
    print(*document, globals);
    if (!arguments.watch) return has_error_status(*document) ? kFailed : kOk;
    std::this_thread::sleep_for(std::chrono::seconds(2));
  }
}

}  // namespace bough::cli
