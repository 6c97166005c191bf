#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace bough::forges {

/// Who sends webhooks. A hook's configuration names its provider; nothing in a request does.
enum class Provider {
  github,
  gitlab,
  gitea,
  forgejo,
  gogs,
  bitbucket,
  bitbucket_server,
  azure,
  generic,
  standard,
};

std::span<const Provider> providers();
/// The word of `provider:` in bough.yaml, and its reverse.
std::string_view word_of(Provider provider);
std::optional<Provider> parse_provider(std::string_view word);

}  // namespace bough::forges
