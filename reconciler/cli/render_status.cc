#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "reconciler/cli/member.h"
#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::array<std::string, 7>;

const char* colour_of(const std::string& status) {
  if (status == "Connected") return "\x1b[32m";
  if (status == "Error") return "\x1b[31m";
  return "\x1b[33m";
}

/// `12.3 MiB`; nothing when nobody has looked yet.
std::string size_text(const Json& database) {
  if (!database.contains("size") || !database["size"].is_object()) return "";
  constexpr double kMiB = 1024.0 * 1024;
  const double bytes = database["size"]["bytes"].get<double>();
  return bytes >= 1024 * kMiB ? fmt::format("{:.1f} GiB", bytes / (1024 * kMiB))
                              : fmt::format("{:.1f} MiB", bytes / kMiB);
}

std::string last_run(const Json& environment) {
  if (environment["runs"].empty()) return "";
  const Json& run = environment["runs"].front();
  return text(run, "kind") + " " + text(run, "state");
}

std::string rehearsal_line(const Json& note) {
  const std::string all = rehearsal_note_text(note);
  return all.substr(0, all.find('\n') + 1);
}

/// `preview 1f2e3d4 (refs/pull/7/head)`; empty for other environments.
std::string preview_text(const Json& environment) {
  if (text(environment, "environment") != "preview") return "";
  const std::string ref = text(environment, "ref");
  return "preview " + text(environment, "revision").substr(0, 7) +
         (ref.empty() ? "" : " (" + ref + ")");
}

/// What is wrong, with the commit that the database is at then; else the last run.
std::string last(const Json& environment, const Json& database) {
  const std::string message = text(database, "message");
  if (message.empty()) return last_run(environment);
  const std::string at = text(database, "migrated_to");
  if (at.empty() || at == text(environment, "commit")) return message;
  return fmt::format("{} (it is at {})", message, at.substr(0, 7));
}

void add_rows(const Json& environment, std::vector<Row>& rows) {
  const std::string branch = text(environment, "branch");
  const std::string preview = preview_text(environment);
  for (const Json& database : environment["databases"])
    rows.push_back({text(environment, "environment") == "production"
                        ? (branch.empty() ? "production" : "production (" + branch + ")")
                    : preview.empty() ? branch
                                      : preview,
                    text(environment, "commit").substr(0, 7), text(database, "name"),
                    text(database, "instance"), text(database, "status"), size_text(database),
                    last(environment, database)});
}

std::string table(const std::vector<Row>& rows, Colour colour) {
  std::array<std::size_t, 7> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string result;
  for (const Row& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = fmt::format("{:<{}}", row[i], i + 1 < row.size() ? widths[i] : 0);
      line += " " + (i == 4 && colour == Colour::on ? colour_of(row[i]) + cell + "\x1b[0m" : cell) +
              " ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + "\n";
  }
  return result;
}

}  // namespace

std::string status_text(const Json& status, Colour colour) {
  std::string result;
  for (const Json& repository : status["repositories"]) {
    result += text(repository, "name");
    if (!repository["reachable"].get<bool>()) result += "  (could not be listed; showing servers)";
    result += "\n";
    std::vector<Row> rows{{"BRANCH", "COMMIT", "DATABASE", "INSTANCE", "STATUS", "SIZE", "LAST"}};
    for (const Json& app : repository["apps"])
      for (const Json& environment : app["environments"]) add_rows(environment, rows);
    result += rows.size() > 1 ? table(rows, colour) : "  no databases\n";
    for (const Json& app : repository["apps"])
      for (const Json& environment : app["environments"])
        if (environment.contains("rehearsal"))
          result += "  " + rehearsal_line(environment["rehearsal"]);
    for (const std::string& line : unapproved_lines(repository["unapproved"]))
      result += "  " + line + "\n";
  }
  for (const Json& one : status["diagnostics"])
    if (one["severity"] == "error")
      result += fmt::format("{}:{}:{}: error: {}\n", text(one, "file"), one["line"].get<int>(),
                            one["column"].get<int>(), text(one, "message"));
  return result;
}

}  // namespace bough::cli
