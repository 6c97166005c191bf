#include "spec/encoding.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

namespace bough {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

/// What the first byte says of the length of its sequence; 0 when no sequence begins with it.
std::size_t announced_length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const std::uint8_t lead = byte_at(bytes, 0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

/// Whether that number is a character and could not be written shorter.
bool is_character(std::uint32_t code, std::size_t length) {
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return !overlong && !surrogate && code <= 0x10ffff;
}

bool looks_like_utf16(std::string_view bytes) {
  return bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff") ||
         (bytes.size() >= 2 && (bytes[0] == '\0') != (bytes[1] == '\0'));
}

bool is_control(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

/// Whether every byte may stand in a YAML text; else the first that may not is reported.
bool check_bytes(std::string_view text, Findings& findings) {
  Position at;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0 || is_control(text[i])) {
      const auto byte = byte_at(text, i);
      findings.say(at, "encoding",
                   length == 0
                       ? fmt::format("the byte \\x{:02x} is not valid UTF-8", byte)
                       : fmt::format("the control character \\x{:02x} is not allowed", byte),
                   "save the file as UTF-8 text");
      return false;
    }
    at = text[i] == '\n' ? Position{at.line + 1, 1}
                         : Position{at.line, at.column + static_cast<int>(length)};
    i += length;
  }
  return true;
}

bool is_json(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text[start] == '{';
}

/// The four digits of a `\uXXXX` at the start of the text.
std::optional<std::uint32_t> unicode_escape(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
  std::uint32_t code = 0;
  for (char c : text.substr(2, 4)) {
    const std::size_t digit =
        std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
    if (digit == std::string_view::npos) return std::nullopt;
    code = code * 16 + static_cast<std::uint32_t>(digit);
  }
  return code;
}

/// The character of a surrogate pair of escapes at the start of the text.
std::optional<std::uint32_t> surrogate_pair(std::string_view text) {
  const auto high = unicode_escape(text);
  if (!high || *high < 0xd800 || *high > 0xdbff) return std::nullopt;
  const auto low = unicode_escape(text.substr(6));
  if (!low || *low < 0xdc00 || *low > 0xdfff) return std::nullopt;
  return 0x10000 + ((*high - 0xd800) << 10) + (*low - 0xdc00);
}

/// JSON writes characters beyond the first 65536 as two escapes, which YAML refuses; YAML has one
/// long escape for them.
std::string with_long_escapes(std::string_view json) {
  std::string result;
  for (std::size_t i = 0; i < json.size();) {
    if (json[i] != '\\') {
      result += json[i++];
    } else if (const auto code = surrogate_pair(json.substr(i))) {
      result += fmt::format("\\U{:08x}", *code);
      i += 12;
    } else {
      result += json.substr(i, 2);
      i += 2;
    }
  }
  return result;
}

}  // namespace

std::optional<std::string> decoded(std::string_view bytes, std::size_t largest,
                                   Findings& findings) {
  if (bytes.size() > largest) {
    findings.say({}, "too-large",
                 fmt::format("the file has {} bytes, {} at most", bytes.size(), largest));
    return std::nullopt;
  }
  if (looks_like_utf16(bytes)) {
    findings.say({}, "encoding", "the file is UTF-16, not UTF-8", "save the file as UTF-8 text");
    return std::nullopt;
  }
  bytes = without_mark(bytes);
  if (!check_bytes(bytes, findings)) return std::nullopt;
  return is_json(bytes) ? with_long_escapes(bytes) : std::string(bytes);
}

std::string_view without_mark(std::string_view bytes) {
  return bytes.starts_with(kByteOrderMark) ? bytes.substr(kByteOrderMark.size()) : bytes;
}

std::size_t utf8_length(std::string_view bytes) {
  const std::size_t length = announced_length(bytes);
  if (length <= 1 || bytes.size() < length) return length == 1 ? 1 : 0;
  std::uint32_t code = byte_at(bytes, 0) & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(bytes, i) & 0xc0U) != 0x80U) return 0;
    code = (code << 6) | (byte_at(bytes, i) & 0x3fU);
  }
  return is_character(code, length) ? length : 0;
}

}  // namespace bough
