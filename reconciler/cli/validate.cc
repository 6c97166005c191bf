#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
#include "reconciler/cli/render.h"
#include "reconciler/documents.h"

namespace bough::cli {
namespace {

using Json = nlohmann::ordered_json;

Result<Json> check(Client& client, const std::string& path, bool strict) {
  Arguments asked;
  if (path == "-") {
    asked.add("text", std::string(std::istreambuf_iterator<char>(std::cin), {}));
  } else {
    auto text = read_file(path);
    if (!text) return text.error();
    asked.add("text", *std::move(text));
  }
  asked.put("file", path);
  if (std::filesystem::path(path).filename() == "bough.yaml") asked.add("kind", "config");
  asked.put("strict", strict);
  auto outcome = client.call("validate", asked, {});
  if (!outcome) return outcome.error();
  return Json::parse(outcome->document);
}

std::vector<std::string> paths_or_default(const std::vector<std::string>& paths) {
  if (!paths.empty()) return paths;
  for (const char* usual : {"app.yaml", ".do/app.yaml"})
    if (std::filesystem::exists(usual)) return {usual};
  return {"app.yaml"};
}

std::string counted(std::size_t number, const char* what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

int notes_of(const Json& diagnostics) {
  int notes = 0;
  for (const Json& one : diagnostics) notes += one["severity"] == "note" ? 1 : 0;
  return notes;
}

void print(const Json& document) {
  const Colour colour = colour_of(STDOUT_FILENO);
  const Json& all = document["diagnostics"];
  for (const Json& one : all) fmt::print("{}", diagnostic_text(one, colour));
  if (all.empty()) return;
  std::fflush(stdout);
  fmt::print(stderr, "{}, {}, {}; bough validate --explain CODE says more\n",
             counted(document["errors"], "error"), counted(document["warnings"], "warning"),
             counted(notes_of(all), "note"));
}

/// Several documents as one.
void add(Json& to, const Json& one) {
  to["valid"] = to["valid"].get<bool>() && one["valid"].get<bool>();
  for (const char* number : {"errors", "warnings"})
    to[number] = to[number].get<int>() + one[number].get<int>();
  for (const Json& diagnostic : one["diagnostics"]) to["diagnostics"].push_back(diagnostic);
}

}  // namespace

int validate(const Globals& globals, const ValidateArguments& arguments) {
  auto client = client_of(globals);
  if (!client) return complain(client.error());
  Json document{{"format_version", kFormatVersion},
                {"valid", true},
                {"errors", 0},
                {"warnings", 0},
                {"diagnostics", Json::array()}};
  for (const std::string& path : paths_or_default(arguments.paths)) {
    auto found = check(**client, path, arguments.strict);
    if (found) {
      add(document, *found);
    } else {
      complain(found.error());
      document["valid"] = false;
    }
  }
  if (globals.json)
    fmt::print("{}\n", document.dump(2));
  else
    print(document);
  return document["valid"].get<bool>() ? kOk : kFailed;
}

}  // namespace bough::cli
