#include "spec/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>

namespace bough {

const char* word_of(Severity severity) {
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

std::vector<Diagnostic> strict(std::vector<Diagnostic> diagnostics) {
  for (Diagnostic& diagnostic : diagnostics)
    if (diagnostic.severity == Severity::warning) diagnostic.severity = Severity::error;
  return diagnostics;
}

}  // namespace bough
