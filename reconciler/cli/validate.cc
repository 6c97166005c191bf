#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
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

Result<std::vector<Diagnostic>> check(const std::string& path) {
  if (path == "-") {
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    return read_app_spec(text, "-").diagnostics;
  }
  auto text = read_file(path);
  if (!text) return text.error();
  const bool config = std::filesystem::path(path).filename() == "bough.yaml";
  return config ? read_config(*text, path).diagnostics : read_app_spec(*text, path).diagnostics;
}

std::vector<std::string> paths_or_default(const std::vector<std::string>& paths) {
  if (!paths.empty()) return paths;
  for (const char* usual : {"app.yaml", ".do/app.yaml"})
    if (std::filesystem::exists(usual)) return {usual};
  return {"app.yaml"};
}

std::size_t count(const std::vector<Diagnostic>& all, Severity severity) {
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const Diagnostic& one) { return one.severity == severity; }));
}

std::string counted(std::size_t number, const char* what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

void print(const std::vector<Diagnostic>& all) {
  const Colour colour = colour_of(STDOUT_FILENO);
  for (const auto& one : diagnostics_document(all)) fmt::print("{}", diagnostic_text(one, colour));
  if (all.empty()) return;
  std::fflush(stdout);
  fmt::print(stderr, "{}, {}, {}; bough validate --explain CODE says more\n",
             counted(count(all, Severity::error), "error"),
             counted(count(all, Severity::warning), "warning"),
             counted(count(all, Severity::note), "note"));
}

}  // namespace

int validate(const Globals& globals, const ValidateArguments& arguments) {
  std::vector<Diagnostic> all;
  bool unreadable = false;
  for (const std::string& path : paths_or_default(arguments.paths)) {
    auto found = check(path);
    if (!found) {
      complain(found.error());
      unreadable = true;
      continue;
    }
    all.insert(all.end(), found->begin(), found->end());
  }
  if (arguments.strict) all = strict(std::move(all));
  const bool valid = !has_errors(all) && !unreadable;
  if (globals.json) {
    const nlohmann::ordered_json document{{"format_version", kFormatVersion},
                                          {"valid", valid},
                                          {"errors", count(all, Severity::error)},
                                          {"warnings", count(all, Severity::warning)},
                                          {"diagnostics", diagnostics_document(all)}};
    fmt::print("{}\n", document.dump(2));
  } else {
    print(all);
  }
  return valid ? kOk : kFailed;
}

}  // namespace bough::cli
