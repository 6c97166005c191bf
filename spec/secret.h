#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace bough {

/// A text that must not be shown. It has no way into a stream or a format: only reveal() gives it.
class Secret {
 public:
  explicit Secret(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

/// SHA-256 of the bytes.
std::array<std::uint8_t, 32> sha256(std::string_view bytes);

/// Lower-case hexadecimal of the bytes, its reverse, and RFC 4648 base 32 in lower case without
/// padding.
std::string hex(std::string_view bytes);
std::string unhex(std::string_view digits);
std::string base32(std::string_view bytes);

/// The installation key: 32 random bytes in one file. Everything secret is derived from it, so
/// nothing secret is stored.
class Key {
 public:
  /// The key with exactly these 32 bytes.
  explicit Key(const std::array<std::uint8_t, 32>& bytes) : bytes_(bytes) {}

  /// HMAC-SHA-256 of the label under this key.
  std::array<std::uint8_t, 32> derive(std::string_view label) const;

  /// A public identifier of this installation (16 hexadecimal digits).
  std::string installation() const;

  /// The password of a login in one generation: 32 characters of [a-z2-7], 160 bits.
  Secret password(std::string_view instance, std::string_view login, int generation) const;

 private:
  std::array<std::uint8_t, 32> bytes_;
};

}  // namespace bough
