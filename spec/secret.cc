#include "spec/secret.h"

#include <fmt/format.h>
#include <sodium.h>

#include <cstdint>

namespace bough {
namespace {

std::string_view bytes_of(const std::array<std::uint8_t, 32>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const std::uint8_t* data_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  std::array<std::uint8_t, 32> sum{};
  crypto_hash_sha256(sum.data(), data_of(bytes), bytes.size());
  return sum;
}

std::string hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result;
  result.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    result += kDigits[byte >> 4];
    result += kDigits[byte & 15];
  }
  return result;
}

std::string unhex(std::string_view digits) {
  const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(nibble(digits[i]) * 16 + nibble(digits[i + 1]));
  return bytes;
}

std::string base32(std::string_view bytes) {
  static constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz234567";
  std::string result;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<std::uint8_t>(c);
    for (have += 8; have >= 5; have -= 5) result += kDigits[(bits >> (have - 5)) & 31];
    bits &= (1U << have) - 1;
  }
  if (have > 0) result += kDigits[(bits << (5 - have)) & 31];
  return result;
}

std::array<std::uint8_t, 32> Key::derive(std::string_view label) const {
  std::array<std::uint8_t, 32> sum{};
  crypto_auth_hmacsha256(sum.data(), data_of(label), label.size(), bytes_.data());
  return sum;
}

std::string Key::installation() const {
  return hex(bytes_of(derive("installation"))).substr(0, 16);
}

Secret Key::password(std::string_view instance, std::string_view login, int generation) const {
  const std::string label = fmt::format("password\n{}:{}\n{}:{}\n{}", instance.size(), instance,
                                        login.size(), login, generation);
  return Secret(base32(bytes_of(derive(label)).substr(0, 20)));
}

}  // namespace bough
