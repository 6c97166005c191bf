#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reconciler/cli/member.h"
#include "reconciler/cli/render.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

/// One line of a plan: symbol, what, which, why.
struct Line {
  char symbol;
  std::string object;
  std::string which;
  std::string because;
};

/// The lines of one branch.
struct Block {
  std::string title;
  std::vector<Line> lines;
};

char symbol_of(const std::string& action) {
  if (action == "create") return '+';
  if (action == "delete") return '-';
  if (action == "hold" || action == "detach") return '^';
  if (action == "adopt") return '=';
  if (action == "run" || action == "dump") return '>';
  return '~';
}

std::string title_of(const Json& item) {
  const std::string repository = text(item, "repository");
  if (repository.empty()) return "bough";
  const std::string branch = text(item, "branch");
  const std::string revision = text(item, "revision");
  if (!revision.empty()) return repository + "/preview/" + revision;
  return repository + "/" + (branch.empty() ? text(item, "environment") : branch);
}

Line line_of_change(const Json& item) {
  const std::string action = item["actions"].front();
  const std::string object = text(item, "object");
  std::string which = text(item, "name");
  if (object != "instance") which += " on " + text(item, "instance");
  const bool standing = action == "hold" || action == "detach" || action == "suspend" ||
                        action == "resume" || action == "rebuild" || action == "copy" ||
                        action == "drop-copy" || action == "put-back" || action == "dump" ||
                        action == "restore" || action == "move" || action == "adopt";
  return {symbol_of(action), standing ? action : object, which, text(item, "because")};
}

std::string one_line(std::string command) {
  std::replace(command.begin(), command.end(), '\n', ' ');
  return command;
}

std::vector<Line> lines_of_run(const Json& item) {
  std::vector<Line> lines;
  for (const Json& command : item["commands"])
    lines.push_back({'>', text(item, "kind") == "migration" ? "migrate" : text(item, "kind"),
                     one_line(text(command, "command")), text(item, "because")});
  return lines;
}

std::vector<Line> lines_of_waiting(const Json& item) {
  std::vector<Line> lines;
  for (const Json& command : item["commands"])
    lines.push_back({'.', "waiting", one_line(text(command, "command")), text(item, "because")});
  return lines;
}

Block& block(std::vector<Block>& blocks, const std::string& title) {
  for (Block& one : blocks)
    if (one.title == title) return one;
  blocks.push_back({title, {}});
  return blocks.back();
}

std::vector<Block> blocks_of(const Json& plan) {
  std::vector<Block> blocks;
  for (const Json& item : plan["changes"])
    block(blocks, title_of(item)).lines.push_back(line_of_change(item));
  for (const Json& item : plan["held"])
    block(blocks, title_of(item)).lines.push_back(line_of_change(item));
  for (const Json& item : plan["runs"])
    for (Line& line : lines_of_run(item))
      block(blocks, title_of(item)).lines.push_back(std::move(line));
  for (const Json& item : plan["waiting"])
    for (Line& line : lines_of_waiting(item))
      block(blocks, title_of(item)).lines.push_back(std::move(line));
  for (const Json& item : plan["refused"])
    block(blocks, text(item, "repository"))
        .lines.push_back({'!', "refused", text(item, "address"), text(item, "reason")});
  return blocks;
}

const char* colour_of(char symbol) {
  switch (symbol) {
    case '+':
      return "\x1b[32m";
    case '-':
    case '!':
      return "\x1b[31m";
    case '>':
    case '.':
      return "\x1b[36m";
    default:
      return "\x1b[33m";
  }
}

std::string render(const Line& line, std::size_t width, Colour colour) {
  const std::string symbol = colour == Colour::on
                                 ? fmt::format("{}{}\x1b[0m", colour_of(line.symbol), line.symbol)
                                 : std::string(1, line.symbol);
  return fmt::format("  {} {:<9} {:<{}}  because {}\n", symbol, line.object, line.which, width,
                     line.because);
}

std::string render(const Block& part, Colour colour) {
  constexpr std::size_t kWidest = 56;
  std::size_t width = 0;
  for (const Line& line : part.lines) width = std::max(width, line.which.size());
  std::string result = part.title + "\n";
  for (const Line& line : part.lines) result += render(line, std::min(width, kWidest), colour);
  return result;
}

std::string drift_text(const Json& plan, Colour colour) {
  if (plan["drift"].empty()) return "";
  Block part{"Changed outside of bough", {}};
  for (const Json& item : plan["drift"]) {
    Line line = line_of_change(item);
    line.symbol = '~';
    part.lines.push_back(std::move(line));
  }
  return render(part, colour) + "\n";
}

std::string diagnostics_text(const Json& plan, Colour colour) {
  std::string result;
  for (const Json& one : plan["diagnostics"])
    if (one["severity"] != "note") result += diagnostic_text(one, colour);
  return result.empty() ? "" : result + "\n";
}

std::string unapproved_text(const Json& plan) {
  std::string result;
  for (const std::string& line : unapproved_lines(plan["unapproved"])) result += line + "\n";
  return result.empty() ? "" : result + "\n";
}

/// One database of a rehearsal: how it went, and what was called out.
std::string rehearsed_text(const Json& database) {
  const std::string component =
      text(database, "address").substr(text(database, "address").rfind('/') + 1);
  std::string result = fmt::format(
      "  {}: {} in {:.1f} s, {} strong locks, {} rewrites\n", component, text(database, "state"),
      database["seconds"].get<double>(), database["locks"].size(), database["rewritten"].size());
  for (const Json& one : database["advice"])
    result += fmt::format("    {}: {}\n", text(one, "code"), text(one, "message"));
  if (!database.contains("fresh")) return result + "    " + text(database, "note") + "\n";
  if (!database["fresh"]["same_schema"].get<bool>())
    result += "    a fresh install does not end in the same schema; see bough rehearse\n";
  return result;
}

std::string counted(const Json& summary, const char* key, const char* words) {
  return fmt::format("{} {}", summary[key].get<int>(), words);
}

/// A fence that no line of the text can close.
std::string fence_for(const std::string& body) {
  std::string fence = "```";
  while (body.find(fence) != std::string::npos) fence += '`';
  return fence;
}

}  // namespace

std::string plan_summary(const Json& plan) {
  const Json& summary = plan["summary"];
  if (std::all_of(summary.begin(), summary.end(), [](const Json& n) { return n == 0; }))
    return "No changes. Live state matches Git.";
  const int runs = summary["run"];
  std::string result = "Plan: " + counted(summary, "create", "to create, ") +
                       counted(summary, "change", "to change, ") +
                       counted(summary, "hold", "to hold, ") +
                       counted(summary, "destroy", "to destroy, ");
  if (summary["adopt"] != 0) result += counted(summary, "adopt", "to adopt, ");
  result += fmt::format("{} command{} to run, ", runs, runs == 1 ? "" : "s");
  if (summary["waiting"] != 0) result += counted(summary, "waiting", "waiting, ");
  return result + counted(summary, "refused", "refused.");
}

std::string rehearsal_note_text(const Json& note) {
  const std::string message = text(note, "message");
  std::string result = fmt::format("Rehearsal of {} at {}: {}{}\n", text(note, "address"),
                                   text(note, "commit").substr(0, 7), text(note, "state"),
                                   message.empty() ? "" : ": " + message);
  if (!note["report"].is_object()) return result;
  for (const Json& database : note["report"]["databases"]) result += rehearsed_text(database);
  return result;
}

std::vector<std::string> unapproved_lines(const Json& unapproved) {
  constexpr std::size_t kShown = 10;
  std::vector<std::string> lines;
  for (const Json& one : unapproved) {
    if (lines.size() == kShown) {
      lines.push_back(fmt::format("? and {} older pull requests", unapproved.size() - kShown));
      break;
    }
    lines.push_back(fmt::format("? pull request {} waits: {}", one["pull_request"].get<long long>(),
                                text(one, "command")));
  }
  return lines;
}

std::string plan_text(const Json& plan, Colour colour) {
  std::string result = diagnostics_text(plan, colour) + drift_text(plan, colour);
  for (const Block& part : blocks_of(plan)) result += render(part, colour) + "\n";
  for (const Json& note : plan["rehearsals"]) result += rehearsal_note_text(note) + "\n";
  result += unapproved_text(plan);
  return result + plan_summary(plan) + "\n";
}

std::string fenced(std::string body) {
  constexpr std::size_t kLongest = 60'000;  // a comment on the large forges holds 65,536
  if (body.size() > kLongest) {
    body.resize(body.rfind('\n', kLongest));
    body += "\n… cut here; run the command for all of it\n";
  }
  const std::string fence = fence_for(body);
  return fence + "\n" + body + fence + "\n";
}

std::string plan_markdown(const Json& plan) {
  return "### bough: " + plan_summary(plan) + "\n\n" + fenced(plan_text(plan, Colour::off));
}

}  // namespace bough::cli
