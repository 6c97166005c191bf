#include "git/forges/signature.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <charconv>
#include <chrono>

#include "spec/handle.h"

namespace bough::forges {
namespace {

constexpr std::chrono::minutes kTolerance(5);
constexpr std::string_view kSigningPrefix = "whsec_";

EVP_MAC* hmac() {
  static EVP_MAC* const found = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return found;
}

std::optional<std::string> from_hex(std::string_view digits) {
  std::string lower(digits);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return std::nullopt;
  }
  if (lower.size() % 2 != 0 || lower.empty()) return std::nullopt;
  return unhex(lower);
}

/// Standard base 64 with its padding.
std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > 8192) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

std::string to_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

/// The key behind `whsec_`, which is base 64; any other text is the key itself.
std::string standard_key(const Secret& secret) {
  std::string_view text = secret.reveal();
  if (!text.starts_with(kSigningPrefix)) return std::string(text);
  text.remove_prefix(kSigningPrefix.size());
  return from_base64(text).value_or("");
}

std::optional<Instant> seconds_since_epoch(std::string_view text) {
  long long seconds = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || stop != text.data() + text.size() || seconds < 0 ||
      seconds > 253'402'300'799)  // the end of the year 9999
    return std::nullopt;
  return Instant(std::chrono::seconds(seconds));
}

std::string code_of(Digest digest, std::string_view key, std::string_view body) {
  Mac mac(digest, key);
  mac.take(body);
  return mac.code();
}

}  // namespace

struct Mac::State {
  Handle<EVP_MAC_CTX, EVP_MAC_CTX_free> context;
};

Mac::Mac(Digest digest, std::string_view key) : state_(std::make_unique<State>()) {
  state_->context.reset(EVP_MAC_CTX_new(hmac()));
  std::string name = digest == Digest::sha256 ? "SHA256" : "SHA512";
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
      OSSL_PARAM_construct_end()};
  EVP_MAC_init(state_->context.get(), reinterpret_cast<const unsigned char*>(key.data()),
               key.size(), parameters.data());
}
Mac::Mac(Mac&&) noexcept = default;
Mac::~Mac() = default;

void Mac::take(std::string_view bytes) {
  EVP_MAC_update(state_->context.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                 bytes.size());
}

std::string Mac::code() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  std::size_t length = 0;
  if (EVP_MAC_final(state_->context.get(), code.data(), &length, code.size()) != 1) return "";
  return {reinterpret_cast<const char*>(code.data()), length};
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  // Digests have one length, whatever the texts' lengths are.
  const auto x = sha256(a);
  const auto y = sha256(b);
  return CRYPTO_memcmp(x.data(), y.data(), x.size()) == 0;
}

bool is_signing_token(const Secret& secret) {
  return secret.reveal().starts_with(kSigningPrefix);
}

Proof::Proof(Provider provider, const std::vector<Secret>& secrets, const Headers& headers,
             Instant now) {
  std::vector<Secret> usable;
  for (const Secret& secret : secrets)
    if (!secret.reveal().empty()) usable.push_back(secret);
  if (!usable.empty()) weigh(provider, usable, headers, now);
}

void Proof::weigh(Provider provider, const std::vector<Secret>& usable, const Headers& headers,
                  Instant now) {
  const auto hex = [&](std::string_view name, std::string_view prefix) {
    expect_hex(Digest::sha256, usable, headers, name, prefix);
  };
  switch (provider) {
    case Provider::github:
      return hex("X-Hub-Signature-256", "sha256=");
    case Provider::bitbucket:
    case Provider::bitbucket_server:
      return hex("X-Hub-Signature", "sha256=");
    case Provider::gitea:
      return hex("X-Gitea-Signature", "");
    case Provider::forgejo:
      return hex(
          count(headers, "X-Forgejo-Signature") > 0 ? "X-Forgejo-Signature" : "X-Gitea-Signature",
          "");
    case Provider::gogs:
      return hex("X-Gogs-Signature", "");
    case Provider::gitlab:
      if (is_signing_token(usable.front())) return expect_standard(usable, headers, now);
      return compare_tokens(usable, only(headers, "X-Gitlab-Token").value_or(""));
    case Provider::azure:
      return compare_login(usable, headers);
    case Provider::generic:
      return expect_generic(usable, headers);
    case Provider::standard:
      return expect_standard(usable, headers, now);
  }
}

void Proof::expect(Digest digest, const std::vector<Secret>& secrets, std::string_view code) {
  for (const Secret& secret : secrets) macs_.emplace_back(digest, secret.reveal());
  codes_.emplace_back(code);
  claim_ = Claim::code;
}

void Proof::expect_hex(Digest digest, const std::vector<Secret>& secrets, const Headers& headers,
                       std::string_view name, std::string_view prefix) {
  const auto value = only(headers, name);
  if (!value || !value->starts_with(prefix)) return;
  if (const auto code = from_hex(value->substr(prefix.size()))) expect(digest, secrets, *code);
}

void Proof::expect_generic(const std::vector<Secret>& secrets, const Headers& headers) {
  const auto value = only(headers, "X-Signature");
  if (!value) return;
  if (value->starts_with("sha512="))
    return expect_hex(Digest::sha512, secrets, headers, "X-Signature", "sha512=");
  expect_hex(Digest::sha256, secrets, headers, "X-Signature", "sha256=");
}

void Proof::expect_standard(const std::vector<Secret>& secrets, const Headers& headers,
                            Instant now) {
  const auto id = only(headers, "webhook-id");
  const auto timestamp = only(headers, "webhook-timestamp");
  const auto given = only(headers, "webhook-signature");
  if (!id || !timestamp || !given || id->empty()) return;
  const auto at = seconds_since_epoch(*timestamp);
  if (!at || *at < now - kTolerance || *at > now + kTolerance) return;
  // Several signatures, with spaces between, while a key is being changed for another.
  for (std::size_t start = 0; start < given->size() && codes_.size() < 8;) {
    const std::size_t end = std::min(given->find(' ', start), given->size());
    const std::string_view one = given->substr(start, end - start);
    start = end + 1;
    if (!one.starts_with("v1,")) continue;
    if (auto code = from_base64(one.substr(3))) codes_.push_back(*std::move(code));
  }
  for (const Secret& secret : secrets) {
    const std::string key = standard_key(secret);
    if (key.empty()) continue;
    macs_.emplace_back(Digest::sha256, key);
    macs_.back().take(fmt::format("{}.{}.", *id, *timestamp));
  }
  if (!codes_.empty() && !macs_.empty()) claim_ = Claim::code;
}

void Proof::compare_tokens(const std::vector<Secret>& secrets, std::string_view given) {
  bool same = false;
  for (const Secret& secret : secrets)
    same = equal_in_constant_time(secret.reveal(), given) || same;
  if (same) claim_ = Claim::proven;
}

/// Basic login, whose user name is of no account, or the header that the subscription was given.
void Proof::compare_login(const std::vector<Secret>& secrets, const Headers& headers) {
  if (const auto token = only(headers, "X-Bough-Token")) return compare_tokens(secrets, *token);
  const auto login = only(headers, "Authorization");
  constexpr std::string_view kBasic = "Basic ";
  if (!login || !equal_ignoring_case(login->substr(0, kBasic.size()), kBasic)) return;
  const auto pair = from_base64(login->substr(kBasic.size()));
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon != std::string::npos)
    compare_tokens(secrets, std::string_view(*pair).substr(colon + 1));
}

void Proof::take(std::string_view bytes) {
  for (Mac& mac : macs_) mac.take(bytes);
}

bool Proof::matches() {
  if (claim_ != Claim::code) return claim_ == Claim::proven;
  bool same = false;
  for (Mac& mac : macs_) {
    const std::string code = mac.code();
    for (const std::string& given : codes_)
      same = (code.size() == given.size() &&
              CRYPTO_memcmp(code.data(), given.data(), code.size()) == 0) ||
             same;
  }
  return same;
}

Headers signed_headers(Provider provider, const Secret& secret, std::string_view body,
                       Instant now) {
  const std::string code = hex(code_of(Digest::sha256, secret.reveal(), body));
  switch (provider) {
    case Provider::github:
      return {{"X-Hub-Signature-256", "sha256=" + code}};
    case Provider::bitbucket:
    case Provider::bitbucket_server:
      return {{"X-Hub-Signature", "sha256=" + code}};
    case Provider::gitea:
      return {{"X-Gitea-Signature", code}};
    case Provider::forgejo:
      return {{"X-Forgejo-Signature", code}};
    case Provider::gogs:
      return {{"X-Gogs-Signature", code}};
    case Provider::azure:
      return {{"Authorization", "Basic " + to_base64("bough:" + secret.reveal())}};
    case Provider::generic:
      return {{"X-Signature", "sha256=" + code}};
    case Provider::gitlab:
      if (!is_signing_token(secret)) return {{"X-Gitlab-Token", secret.reveal()}};
      [[fallthrough]];
    case Provider::standard:
      break;
  }
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::string id = fmt::format("bough-{}", now.time_since_epoch().count());
  const std::string text = fmt::format("{}.{}.{}", id, seconds, body);
  return {{"webhook-id", id},
          {"webhook-timestamp", std::to_string(seconds)},
          {"webhook-signature",
           "v1," + to_base64(code_of(Digest::sha256, standard_key(secret), text))}};
}

}  // namespace bough::forges
