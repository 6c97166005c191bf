#pragma once

#include <string_view>

#include "spec/diagnostic.h"

namespace bough {

/// The line of a text with that number, without its end; empty when there is none.
std::string_view line_of(std::string_view text, int line);

/// Where the word, quoted text, reference or bracket ends that begins in that column of a line of
/// YAML: the column behind it, or `column` when nothing begins there.
int end_of_token(std::string_view line, int column);

/// The line with the columns from `begin` up to `end` marked. Values of secrets, and what looks
/// like a key, are not in it.
Excerpt excerpt_of(std::string_view line, int begin, int end);

}  // namespace bough
