#include "provisioners/postgres/quote.h"

#include <cstdint>

namespace bough::postgres {
namespace {

/// The length of the well-formed UTF-8 sequence (RFC 3629) at the start of the text, else 0.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xed && byte(1) >= 0xa0;
  const bool beyond = lead == 0xf4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

std::string doubled(std::string_view text, std::string_view special) {
  std::string result;
  result.reserve(text.size() + 2);
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) result += c;
    result += c;
  }
  return result;
}

}  // namespace

std::optional<std::string> unfit(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return "it contains a NUL byte";
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return "it is not UTF-8";
    text.remove_prefix(length);
  }
  return std::nullopt;
}

std::string identifier(std::string_view text) {
  return '"' + doubled(text, "\"") + '"';
}

std::string literal(std::string_view text) {
  // What a backslash means in '…' depends on standard_conforming_strings, in E'…' it does not.
  const bool backslash = text.find('\\') != std::string_view::npos;
  return (backslash ? " E'" : "'") + doubled(text, "'\\") + '\'';
}

}  // namespace bough::postgres
