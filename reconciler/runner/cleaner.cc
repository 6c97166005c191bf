#include <optional>
#include <utility>

#include "reconciler/runner/output.h"

namespace bough::runner {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::size_t longest_sequence = 64;

unsigned char byte(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool plain(char c) {
  return (c >= ' ' && c <= '~') || c == '\t' || c == '\n';
}

std::size_t character_size(unsigned char first) {
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 1;
}

bool continues(std::string_view text, std::size_t at) {
  return (byte(text, at) & 0xC0) == 0x80;
}

// Beyond its shape: no overlong form, no surrogate, nothing past U+10FFFF.
bool allowed_second(unsigned char first, unsigned char second) {
  if (first == 0xE0) return second >= 0xA0;
  if (first == 0xED) return second < 0xA0;
  if (first == 0xF0) return second >= 0x90;
  if (first == 0xF4) return second < 0x90;
  return true;
}

// C1 controls, line separators, and what turns the direction of text.
bool hidden(std::string_view character) {
  if (character.size() == 2) {
    return (byte(character, 0) == 0xC2 && byte(character, 1) < 0xA0) || character == "\xD8\x9C";
  }
  if (character.size() != 3 || byte(character, 0) != 0xE2) return false;
  const auto second = byte(character, 1);
  const auto third = byte(character, 2);
  return (second == 0x80 && third >= 0xA8 && third <= 0xAE) ||
         (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

// How many bytes the first character takes, and what stands for it; nothing: more are needed.
struct Taken {
  std::size_t size = 0;
  std::string_view text;
};

std::optional<Taken> escape(std::string_view rest, bool last) {
  if (rest.size() == 1) return last ? std::optional(Taken{1, ""}) : std::nullopt;
  if (rest[1] != '[') return Taken{1, ""};
  for (std::size_t at = 2; at < rest.size() && at < longest_sequence; ++at) {
    if (rest[at] >= '@' && rest[at] <= '~') return Taken{at + 1, ""};
    if (rest[at] < ' ' || rest[at] > '~') return Taken{at, ""};
  }
  if (last || rest.size() >= longest_sequence) return Taken{1, ""};
  return std::nullopt;
}

std::optional<Taken> wide(std::string_view rest, bool last) {
  const auto size = character_size(byte(rest, 0));
  if (size == 1) return Taken{1, replacement};
  for (std::size_t at = 1; at < size; ++at) {
    if (at == rest.size()) return last ? std::optional(Taken{at, replacement}) : std::nullopt;
    if (!continues(rest, at)) return Taken{at, replacement};
    if (at == 1 && !allowed_second(byte(rest, 0), byte(rest, 1))) return Taken{1, replacement};
  }
  const auto character = rest.substr(0, size);
  return Taken{size, hidden(character) ? replacement : character};
}

std::optional<Taken> first_of(std::string_view rest, bool last) {
  if (rest[0] == '\x1b') return escape(rest, last);
  if (byte(rest, 0) >= 0x80) return wide(rest, last);
  return Taken{1, replacement};
}

}  // namespace

std::string Cleaner::feed(std::string_view bytes) {
  pending_ += bytes;
  return clean(false);
}

std::string Cleaner::finish() {
  return clean(true);
}

std::string Cleaner::clean(bool last) {
  std::string cleaned;
  std::size_t at = 0;
  while (at < pending_.size()) {
    const char c = pending_[at];
    const bool second_half = std::exchange(after_return_, c == '\r') && c == '\n';
    if (plain(c) || c == '\r') {
      if (!second_half) cleaned += c == '\r' ? '\n' : c;
      ++at;
      continue;
    }
    const auto taken = first_of(std::string_view(pending_).substr(at), last);
    if (!taken) break;
    cleaned += taken->text;
    at += taken->size;
  }
  pending_.erase(0, at);
  return cleaned;
}

}  // namespace bough::runner
