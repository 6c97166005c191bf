#include "reconciler/server/tokens.h"

#include <openssl/crypto.h>

namespace bough::server {
void Tokens::add(const Secret& secret, Grant grant) {
  entries_.push_back({sha256(secret.reveal()), std::move(grant)});
}

std::optional<Grant> Tokens::grant_of(const Headers& headers) const {
  constexpr std::string_view kBearer = "Bearer ";
  const auto value = forges::only(headers, "Authorization");
  if (!value || value->size() <= kBearer.size() ||
      !forges::equal_ignoring_case(value->substr(0, kBearer.size()), kBearer))
    return std::nullopt;
  const auto digest = sha256(value->substr(kBearer.size()));
  const Entry* found = nullptr;
  for (const Entry& entry : entries_)
    if (CRYPTO_memcmp(entry.digest.data(), digest.data(), digest.size()) == 0) found = &entry;
  if (!found) return std::nullopt;
  return found->grant;
}

ReadTokens tokens_of(const Installation& installation) {
  ReadTokens result;
  for (const TokenConfig& token : installation.config().tokens) {
    auto secret = read_secret(installation.workspace(), token.secret);
    if (!secret) {
      result.problems.push_back("token " + token.name + ": " + secret.error().message);
      continue;
    }
    Grant grant{token.name, {}, {token.repositories.begin(), token.repositories.end()}};
    for (const std::string& word : token.scopes)
      if (const auto scope = operations::parse_scope(word)) grant.scopes.insert(*scope);
    result.tokens.add(*secret, std::move(grant));
  }
  return result;
}

}  // namespace bough::server
