#include "provisioners/postgres/quote.h"

#include "spec/encoding.h"

namespace bough::postgres {
namespace {

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
    const std::size_t length = utf8_length(text);
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
