#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bough::postgres {

/// What makes a text unfit for a statement (a NUL byte, bytes that are no UTF-8); else nothing.
std::optional<std::string> unfit(std::string_view text);

/// The text as one identifier, `"…"`. REQUIRES a fit text of at most 63 bytes.
std::string identifier(std::string_view text);

/// The text as one string literal that means the same under any server setting. REQUIRES a fit
/// text.
std::string literal(std::string_view text);

}  // namespace bough::postgres
