#include "provisioners/postgres/scram.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace bough::postgres {
namespace {

std::string decoded(std::string_view text) {
  std::string bytes(text.size(), '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  const auto padding = static_cast<std::size_t>(text.ends_with("==") ? 2 : text.ends_with("="));
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

std::string hmac(const std::string& key, std::string_view text) {
  std::string sum(32, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(sum.data()), nullptr);
  return sum;
}

// The example exchange of RFC 7677: user `user`, password `pencil`.
constexpr std::string_view kSalt = "W22ZaJ0SNY7soEsUEjb6gQ==";
constexpr std::string_view kExchange =
    "n=user,r=rOprNGfwEbeRWgbNEkqO,"
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr std::string_view kProof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr std::string_view kServerSignature = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

struct Verifier {
  std::string stored;
  std::string server;
};

Verifier parts_of(const std::string& text) {
  const std::size_t keys = text.rfind('$') + 1;
  const std::size_t colon = text.rfind(':');
  return {decoded(text.substr(keys, colon - keys)), decoded(text.substr(colon + 1))};
}

TEST(Scram, VerifierHasPostgresForm) {
  const std::string text = scram_verifier(Secret("pencil"), decoded(kSalt));
  EXPECT_TRUE(text.starts_with("SCRAM-SHA-256$4096:" + std::string(kSalt) + "$")) << text;
}

TEST(Scram, StoredKeyChecksTheStandardsClientProof) {
  const Verifier verifier = parts_of(scram_verifier(Secret("pencil"), decoded(kSalt)));
  const std::string signature = hmac(verifier.stored, kExchange);
  std::string client_key = decoded(kProof);
  for (std::size_t i = 0; i < client_key.size(); ++i) client_key[i] ^= signature[i];
  const auto sum = sha256(client_key);
  EXPECT_EQ(std::string(sum.begin(), sum.end()), verifier.stored);
}

TEST(Scram, ServerKeyMakesTheStandardsSignature) {
  const Verifier verifier = parts_of(scram_verifier(Secret("pencil"), decoded(kSalt)));
  EXPECT_EQ(hmac(verifier.server, kExchange), decoded(kServerSignature));
}

TEST(Scram, EveryVerifierHasItsOwnSalt) {
  const Secret password("pencil");
  EXPECT_NE(scram_verifier(password), scram_verifier(password));
}

TEST(Scram, VerifierDoesNotHoldThePassword) {
  EXPECT_EQ(scram_verifier(Secret("pencil")).find("pencil"), std::string::npos);
}

}  // namespace
}  // namespace bough::postgres
