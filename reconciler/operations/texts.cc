#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reconciler/documents.h"
#include "reconciler/operations/choice.h"
#include "reconciler/operations/groups.h"
#include "spec/findings.h"
#include "spec/ruling.h"
#include "spec/schema.h"

namespace bough::operations {
namespace {

using Json = nlohmann::ordered_json;

std::vector<Diagnostic> diagnostics_of(const Arguments& arguments) {
  const std::string file = arguments.has("file") ? arguments.text("file") : "app.yaml";
  const std::string& text = arguments.text("text");
  if (arguments.text("kind") == "config") return read_config(text, file).diagnostics;
  return read_app_spec(text, file).diagnostics;
}

std::ptrdiff_t count(const std::vector<Diagnostic>& all, Severity severity) {
  return std::count_if(all.begin(), all.end(),
                       [&](const Diagnostic& one) { return one.severity == severity; });
}

Error unknown(std::string_view code) {
  const std::vector<Ruling> all = rulings();
  std::vector<std::string_view> codes;
  for (const Ruling& ruling : all) codes.push_back(ruling.code);
  return {Fault::invalid,
          fmt::format("there is no code {} ({})", in_quotes(code), choice_fix(code, codes))};
}

}  // namespace

Result<Outcome> validate(Context&, const Arguments& arguments, const Emit&) {
  std::vector<Diagnostic> all = diagnostics_of(arguments);
  if (arguments.flag("strict")) all = strict(std::move(all));
  const bool valid = !has_errors(all);
  return Outcome{text_of({{"format_version", kFormatVersion},
                          {"valid", valid},
                          {"errors", count(all, Severity::error)},
                          {"warnings", count(all, Severity::warning)},
                          {"diagnostics", diagnostics_document(all)}}),
                 valid ? kOk : kFailed};
}

Result<Outcome> schema(Context&, const Arguments& arguments, const Emit&) {
  return Outcome{arguments.text("of") == "app" ? app_schema() : config_schema()};
}

Result<Outcome> explain(Context&, const Arguments& arguments, const Emit&) {
  const std::string& code = arguments.text("code");
  const Ruling* ruling = find_ruling(code);
  if (!ruling) return unknown(code);
  return Outcome{text_of({{"format_version", kFormatVersion},
                          {"code", ruling->code},
                          {"severity", word_of(ruling->severity)},
                          {"rule", ruling->rule},
                          {"because", ruling->because},
                          {"fix", ruling->fix},
                          {"example", ruling->example}})};
}

Result<Outcome> version(Context&, const Arguments&, const Emit&) {
  return Outcome{text_of({{"format_version", kFormatVersion}, {"version", kVersion}})};
}

}  // namespace bough::operations
