#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "reconciler/cli/member.h"
#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string outcome(const Json& performance) {
  const std::string note = text(performance, "note");
  const int exit_code = performance["exit_code"].get<int>();
  std::string line = fmt::format("{} in {:.1f} s", text(performance, "state"),
                                 performance["seconds"].get<double>());
  if (exit_code != 0) line += fmt::format(", exit code {}", exit_code);
  return note.empty() ? line : line + ": " + note;
}

/// The lines below a heading; nothing when there are none.
std::string section(const char* heading, const std::string& lines) {
  if (lines.empty()) return "";
  std::string result = fmt::format("  {}\n", heading);
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) result += "    " + line + "\n";
  return result;
}

std::string one_line(std::string statement) {
  for (char& c : statement)
    if (c == '\n') c = ' ';
  return statement;
}

std::string locks_text(const Json& database) {
  std::string lines;
  for (const Json& one : database["locks"])
    for (const Json& lock : one["locks"])
      lines += fmt::format("{} on {} for {:.3f} s: {}\n", text(lock, "mode"), text(lock, "table"),
                           one["seconds"].get<double>(), one_line(text(one, "statement")));
  return lines;
}

std::string effects_text(const Json& database) {
  std::string lines;
  for (const Json& one : database["lost"])
    lines +=
        fmt::format("{} is lost, with {} rows\n",
                    text(one, "column").empty() ? text(one, "table")
                                                : text(one, "table") + "." + text(one, "column"),
                    one["rows"].get<long long>());
  for (const Json& one : database["rewritten"])
    lines += fmt::format("{} is rewritten: {} rows, {} KiB\n", text(one, "table"),
                         one["rows"].get<long long>(), one["bytes"].get<long long>() / 1024);
  for (const Json& one : database["touched"])
    lines += fmt::format("{}: {} rows inserted, {} updated, {} deleted\n", text(one, "table"),
                         one["inserted"].get<long long>(), one["updated"].get<long long>(),
                         one["deleted"].get<long long>());
  return lines;
}

std::string advice_text(const Json& database) {
  std::string lines;
  for (const Json& one : database["advice"])
    lines += fmt::format("{}: {}\n", text(one, "code"), text(one, "message"));
  return lines;
}

std::string fresh_text(const Json& database) {
  if (!database.contains("fresh")) return "";
  const Json& fresh = database["fresh"];
  const bool same = fresh["same_schema"].get<bool>();
  const bool ran = text(fresh, "state") == "succeeded";
  std::string result = fmt::format("  fresh install: {}{}\n", outcome(fresh),
                                   !ran   ? ""
                                   : same ? ", and ends in the same schema"
                                          : ", but ends in another schema (+ is the upgraded one)");
  return result + section("difference", text(fresh, "schema_diff"));
}

std::string database_text(const Json& database) {
  const std::string production = text(database, "production");
  const std::string of =
      production.empty()
          ? "an empty database, since there is no production yet"
          : fmt::format("a copy of {}{}", production,
                        database["data"].get<bool>() ? "" : " (its definitions, no data)");
  return fmt::format("{} on {}\n  {}\n", text(database, "address"), of, outcome(database)) +
         section("advice", advice_text(database)) + section("locks", locks_text(database)) +
         section("effects", effects_text(database)) +
         section("definitions", text(database, "schema_diff")) + fresh_text(database);
}

}  // namespace

std::string rehearsal_text(const Json& rehearsal) {
  std::string result =
      fmt::format("Rehearsal of {} {} at {}\n", text(rehearsal, "repository"),
                  text(rehearsal, "branch"), text(rehearsal, "commit").substr(0, 7));
  for (const Json& database : rehearsal["databases"]) result += "\n" + database_text(database);
  return result;
}

std::string rehearsal_markdown(const Json& rehearsal) {
  return fenced(rehearsal_text(rehearsal));
}

}  // namespace bough::cli
