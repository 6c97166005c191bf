#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/diagnostic.h"
#include "spec/excerpt.h"

namespace bough {

/// Collects what there is to say about one file while it is read.
class Findings {
 public:
  /// `file` only names the file in the diagnostics; `text` is what it holds, of which they show
  /// lines, and must live as long.
  explicit Findings(std::string_view file, std::string_view text = {});

  /// `code` is one of the rulings', which decides the severity, and gives the fix when there is no
  /// better one.
  void say(Position at, std::string_view code, std::string message, std::string fix = {});

  bool has_errors() const { return errors_ > 0; }

  /// Whether so many errors were said that no more are kept.
  bool full() const;

  /// Where those words stand in the value that begins at a place; that place when they do not.
  Position within(Position at, std::string_view words) const;

  /// Everything found, by position, each once; past 100, errors first, with a note of how many more
  /// there are.
  std::vector<Diagnostic> sorted() const;

 private:
  void show(std::vector<Diagnostic>& found) const;
  const Lines& lines() const;

  std::string file_;
  std::string_view text_;
  mutable std::optional<Lines> lines_;  ///< made when they are first needed
  std::vector<Diagnostic> found_;
  std::size_t errors_ = 0;  ///< kept, as `others_`: notes must not keep errors out
  std::size_t others_ = 0;
};

/// A text of the file as a message may show it: in backquotes, printable, cut when long.
std::string in_quotes(std::string_view text);

/// The known word nearest to what was written, when it is near enough to be meant; else empty.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known);

/// `did you mean X?` when one is near, else `use one of: …`.
std::string choice_fix(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace bough
