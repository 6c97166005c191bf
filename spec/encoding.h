#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spec/findings.h"

namespace bough {

/// The text of a file as a YAML parser may be given it: at most 1 MiB of valid UTF-8 without
/// control characters or byte order mark. JSON's surrogate pairs are replaced by their character.
/// Nothing when the bytes are no such text, and `findings` says where and why.
std::optional<std::string> decoded(std::string_view bytes, Findings& findings);

/// The length of the UTF-8 sequence at the start of the bytes; 0 when it is not well formed.
std::size_t utf8_length(std::string_view bytes);

}  // namespace bough
