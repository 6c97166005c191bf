#include "reconciler/server/tokens.h"

#include <openssl/crypto.h>

namespace bough::server {
namespace {

constexpr Scope kScopes[] = {Scope::read, Scope::plan, Scope::apply, Scope::approve, Scope::admin};

/// Whether having one scope means having the other.
bool implies(Scope has, Scope wanted) {
  if (has == wanted || has == Scope::admin) return true;
  if (has == Scope::apply) return wanted == Scope::plan || wanted == Scope::read;
  return wanted == Scope::read;
}

}  // namespace

std::string_view word_of(Scope scope) {
  switch (scope) {
    case Scope::read:
      return "read";
    case Scope::plan:
      return "plan";
    case Scope::apply:
      return "apply";
    case Scope::approve:
      return "approve";
    case Scope::admin:
      return "admin";
  }
  return "";
}

std::optional<Scope> parse_scope(std::string_view word) {
  for (const Scope scope : kScopes)
    if (word_of(scope) == word) return scope;
  return std::nullopt;
}

bool Grant::may(Scope scope) const {
  for (const Scope has : scopes)
    if (implies(has, scope)) return true;
  return false;
}

bool Grant::sees(std::string_view repository) const {
  return repositories.empty() || repositories.contains(std::string(repository));
}

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
      if (const auto scope = parse_scope(word)) grant.scopes.insert(*scope);
    result.tokens.add(*secret, std::move(grant));
  }
  return result;
}

}  // namespace bough::server
