#include "provisioners/postgres/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>
#include <cassert>

namespace bough::postgres {
namespace {

constexpr int kIterations = 4096;
constexpr std::size_t kSaltBytes = 16;

using Digest = std::array<unsigned char, 32>;

const unsigned char* data_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data_of(bytes),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

// OpenSSL's PBKDF2 is several times as fast as a loop over libsodium's HMAC, and this is most of
// what creating a branch's role costs the client.
Digest salted(const Secret& password, std::string_view salt) {
  Digest key{};
  const std::string& text = password.reveal();
  [[maybe_unused]] const int done = PKCS5_PBKDF2_HMAC(
      text.data(), static_cast<int>(text.size()), data_of(salt), static_cast<int>(salt.size()),
      kIterations, EVP_sha256(), static_cast<int>(key.size()), key.data());
  assert(done == 1);
  return key;
}

Digest hmac(const Digest& key, std::string_view text) {
  Digest sum{};
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data_of(text), text.size(),
       sum.data(), nullptr);
  return sum;
}

}  // namespace

std::string scram_verifier(const Secret& password) {
  std::string salt(kSaltBytes, '\0');
  randombytes_buf(salt.data(), salt.size());
  return scram_verifier(password, salt);
}

std::string scram_verifier(const Secret& password, std::string_view salt) {
  const Digest key = salted(password, salt);
  const auto stored = sha256(bytes_of(hmac(key, "Client Key")));
  const Digest server = hmac(key, "Server Key");
  return "SCRAM-SHA-256$" + std::to_string(kIterations) + ":" + base64(salt) + "$" +
         base64(bytes_of(stored)) + ":" + base64(bytes_of(server));
}

}  // namespace bough::postgres
