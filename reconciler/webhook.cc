#include "reconciler/webhook.h"

#include <fmt/format.h>

#include <map>

namespace bough {

std::string base_url(const Config& config) {
  if (config.public_url) {
    std::string url = *config.public_url;
    while (url.ends_with('/')) url.pop_back();
    return url;
  }
  const std::size_t colon = config.listen.rfind(':');
  const std::string host = config.listen.substr(0, colon);
  const bool any = host.empty() || host == "0.0.0.0" || host == "[::]";
  return fmt::format("{}://{}{}", config.tls ? "https" : "http", any ? "localhost" : host,
                     config.listen.substr(colon));
}

std::string hook_path(const Key& key, const RepositoryName& repository, forges::Provider provider) {
  const auto code =
      key.derive(fmt::format("webhook\n{}\n{}", repository.text(), forges::word_of(provider)));
  return "/hooks/" + base32({reinterpret_cast<const char*>(code.data()), 20});
}

std::vector<Hook> hooks_of(const Installation& installation) {
  std::vector<Hook> hooks;
  for (const RepositoryConfig& repository : installation.config().repositories) {
    std::map<forges::Provider, Hook> by_provider;
    for (const WebhookConfig& webhook : repository.webhooks) {
      const auto provider = forges::parse_provider(webhook.provider);
      if (!provider) continue;
      const Hook fresh{
          repository.name, *provider, hook_path(installation.key(), repository.name, *provider),
          repository.url,  {},        {}};
      Hook& hook = by_provider.try_emplace(*provider, fresh).first->second;
      auto secret = read_secret(installation.workspace(), webhook.secret);
      if (secret)
        hook.secrets.push_back(*std::move(secret));
      else
        hook.problems.push_back(secret.error().message);
    }
    for (auto& [provider, hook] : by_provider) hooks.push_back(std::move(hook));
  }
  return hooks;
}

}  // namespace bough
