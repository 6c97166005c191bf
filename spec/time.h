#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bough {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// RFC 3339 in UTC with milliseconds, as in `2026-01-31T12:00:00.000Z`.
std::string rfc3339(Instant instant);

/// The instant of a text made by rfc3339; nothing when it is none.
std::optional<Instant> parse_rfc3339(std::string_view text);

/// A duration as people write it: a sum of `5d`, `2h`, `30m`, `15s`, `200ms`; nothing when it is
/// none, is negative, or is beyond 10 years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest such text.
std::string to_text(std::chrono::milliseconds duration);

}  // namespace bough
