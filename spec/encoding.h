#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "spec/findings.h"

namespace bough {

/// The text of a file as a YAML parser may be given it: valid UTF-8 without control characters or
/// byte order mark, at most `largest` bytes. JSON's surrogate pairs are replaced by their
/// character. Nothing when the bytes are no such text, and `findings` says where and why.
std::optional<std::string> decoded(std::string_view bytes, std::size_t largest, Findings& findings);

/// The bytes behind a byte order mark, if there is one.
std::string_view without_mark(std::string_view bytes);

/// The length of the UTF-8 sequence at the start of the bytes; 0 when it is not well formed.
std::size_t utf8_length(std::string_view bytes);

}  // namespace bough
