#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"
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
  if (globals.json) {
    const nlohmann::ordered_json document{{"format_version", kFormatVersion},
                                          {"valid", !has_errors(all) && !unreadable},
                                          {"diagnostics", diagnostics_document(all)}};
    fmt::print("{}\n", document.dump(2));
  } else {
    for (const Diagnostic& one : all) fmt::print("{}\n", to_text(one));
  }
  return has_errors(all) || unreadable ? kFailed : kOk;
}

}  // namespace bough::cli
