#pragma once

#include <string>
#include <vector>

namespace bough {

/// A place in a text file; both count from 1, columns in bytes.
struct Position {
  int line = 1;
  int column = 1;
  auto operator<=>(const Position&) const = default;
};

enum class Severity { error, warning, note };

/// One thing to say about an input file. `code` is stable and short (`unknown-key`), `fix` says how
/// to mend it and may be empty.
struct Diagnostic {
  std::string file;
  Position at;
  Severity severity = Severity::error;
  std::string code;
  std::string message;
  std::string fix;
  bool operator==(const Diagnostic&) const = default;
};

/// `file:line:column: error: message (fix)`.
std::string to_text(const Diagnostic& diagnostic);

bool has_errors(const std::vector<Diagnostic>& diagnostics);

}  // namespace bough
