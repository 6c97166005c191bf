#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "reconciler/cli/member.h"
#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::array<std::string, 6>;

const char* colour_of(const std::string& status) {
  if (status == "Connected") return "\x1b[32m";
  if (status == "Error") return "\x1b[31m";
  return "\x1b[33m";
}

std::string last_run(const Json& environment) {
  if (environment["runs"].empty()) return "";
  const Json& run = environment["runs"].front();
  return text(run, "kind") + " " + text(run, "state");
}

void add_rows(const Json& environment, std::vector<Row>& rows) {
  const std::string branch = text(environment, "branch");
  for (const Json& database : environment["databases"])
    rows.push_back(
        {text(environment, "environment") == "production"
             ? (branch.empty() ? "production" : "production (" + branch + ")")
             : branch,
         text(environment, "commit").substr(0, 7), text(database, "name"),
         text(database, "instance"), text(database, "status"),
         text(database, "message").empty() ? last_run(environment) : text(database, "message")});
}

std::string table(const std::vector<Row>& rows, Colour colour) {
  std::array<std::size_t, 6> widths{};
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
    std::vector<Row> rows{{"BRANCH", "COMMIT", "DATABASE", "INSTANCE", "STATUS", "LAST"}};
    for (const Json& app : repository["apps"])
      for (const Json& environment : app["environments"]) add_rows(environment, rows);
    result += rows.size() > 1 ? table(rows, colour) : "  no databases\n";
  }
  for (const Json& one : status["diagnostics"])
    if (one["severity"] == "error")
      result += fmt::format("{}:{}:{}: error: {}\n", text(one, "file"), one["line"].get<int>(),
                            one["column"].get<int>(), text(one, "message"));
  return result;
}

}  // namespace bough::cli
