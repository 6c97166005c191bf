#include "git/forges/provider.h"

namespace bough::forges {
namespace {

constexpr Provider kProviders[] = {
    Provider::github,           Provider::gitlab, Provider::gitea,
    Provider::forgejo,          Provider::gogs,   Provider::bitbucket,
    Provider::bitbucket_server, Provider::azure,  Provider::generic,
    Provider::standard};

}  // namespace

std::span<const Provider> providers() {
  return kProviders;
}

std::string_view word_of(Provider provider) {
  switch (provider) {
    case Provider::github:
      return "github";
    case Provider::gitlab:
      return "gitlab";
    case Provider::gitea:
      return "gitea";
    case Provider::forgejo:
      return "forgejo";
    case Provider::gogs:
      return "gogs";
    case Provider::bitbucket:
      return "bitbucket";
    case Provider::bitbucket_server:
      return "bitbucket-server";
    case Provider::azure:
      return "azure";
    case Provider::generic:
      return "generic";
    case Provider::standard:
      return "standard";
  }
  return "";
}

std::optional<Provider> parse_provider(std::string_view word) {
  for (const Provider provider : kProviders)
    if (word_of(provider) == word) return provider;
  return std::nullopt;
}

}  // namespace bough::forges
