#include "spec/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace bough {
namespace {

std::string_view word_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return "error";
}

}  // namespace

std::string to_text(const Diagnostic& diagnostic) {
  std::string text =
      fmt::format("{}:{}:{}: {}: {}", diagnostic.file, diagnostic.at.line, diagnostic.at.column,
                  word_of(diagnostic.severity), diagnostic.message);
  if (!diagnostic.fix.empty()) text += fmt::format(" ({})", diagnostic.fix);
  return text;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::error;
  });
}

}  // namespace bough
