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

/// The line that a diagnostic is about, as it may be shown to anybody: printable, cut when long,
/// with `…` for what may be a secret.
struct Excerpt {
  std::string line;  ///< empty when there is none
  int from = 0;      ///< characters before those that are meant
  int width = 0;     ///< how many are meant
  bool operator==(const Excerpt&) const = default;
};

/// One thing to say about an input file. `code` is stable and short (`unknown-key`) and explained
/// by the rulings, `fix` says how to mend it.
struct Diagnostic {
  std::string file;
  Position at;
  Severity severity = Severity::error;
  std::string code;
  std::string message;
  std::string fix;
  Position end{};     ///< behind what is meant; not after `at` when that is not known
  Excerpt excerpt{};  ///< of the line of `at`
  bool operator==(const Diagnostic&) const = default;
};

/// `error`, `warning` or `note`.
const char* word_of(Severity severity);

/// `file:line:column: error: message (fix)`.
std::string to_text(const Diagnostic& diagnostic);

bool has_errors(const std::vector<Diagnostic>& diagnostics);

/// The same with errors in place of warnings.
std::vector<Diagnostic> strict(std::vector<Diagnostic> diagnostics);

}  // namespace bough
