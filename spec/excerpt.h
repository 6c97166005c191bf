#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "spec/diagnostic.h"

namespace bough {

/// The lines of a text, which is borrowed.
class Lines {
 public:
  explicit Lines(std::string_view text);

  /// The line with that number, without its end; empty when there is none.
  std::string_view line(int number) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

/// Where the word, quoted text, reference or bracket ends that begins in that column of a line of
/// YAML: the column behind it, or `column` when nothing begins there.
int end_of_token(std::string_view line, int column);

/// The line with the columns from `begin` up to `end` marked. Values of secrets, and what looks
/// like a key, are not in it.
Excerpt excerpt_of(std::string_view line, int begin, int end);

}  // namespace bough
