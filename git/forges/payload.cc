#include "git/forges/payload.h"

#include <algorithm>

namespace bough::forges {
namespace {

constexpr std::size_t kLongestId = 200;

/// A header with the host's name for the event, or its number for the delivery.
std::string first_of(const Headers& headers, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const auto value = only(headers, name)) return std::string(value->substr(0, kLongestId));
  return "";
}

std::string event_of(Provider provider, const Headers& headers) {
  switch (provider) {
    case Provider::github:
      return first_of(headers, {"X-GitHub-Event"});
    case Provider::gitlab:
      return first_of(headers, {"X-Gitlab-Event"});
    case Provider::gitea:
      return first_of(headers, {"X-Gitea-Event"});
    case Provider::forgejo:
      return first_of(headers, {"X-Forgejo-Event", "X-Gitea-Event"});
    case Provider::gogs:
      return first_of(headers, {"X-Gogs-Event"});
    case Provider::bitbucket:
    case Provider::bitbucket_server:
      return first_of(headers, {"X-Event-Key"});
    case Provider::azure:
    case Provider::generic:
    case Provider::standard:
      return "";
  }
  return "";
}

std::string id_of(Provider provider, const Headers& headers, const Facts& facts) {
  switch (provider) {
    case Provider::github:
      return first_of(headers, {"X-GitHub-Delivery"});
    case Provider::gitlab:
      return first_of(headers, {"webhook-id", "Idempotency-Key", "X-Gitlab-Event-UUID"});
    case Provider::gitea:
      return first_of(headers, {"X-Gitea-Delivery"});
    case Provider::forgejo:
      return first_of(headers, {"X-Forgejo-Delivery", "X-Gitea-Delivery"});
    case Provider::gogs:
      return first_of(headers, {"X-Gogs-Delivery"});
    case Provider::bitbucket:
      return first_of(headers, {"X-Request-UUID"});
    case Provider::bitbucket_server:
      return first_of(headers, {"X-Request-Id"});
    case Provider::azure:
      return facts.at("id").substr(0, kLongestId);
    case Provider::generic:
      return first_of(headers, {"X-Delivery"});
    case Provider::standard:
      return first_of(headers, {"webhook-id"});
  }
  return "";
}

Result<Delivery> read(Provider provider, const std::string& event, const Facts& facts) {
  switch (provider) {
    case Provider::github:
    case Provider::gitea:
    case Provider::forgejo:
    case Provider::gogs:
      return read_github(event, facts);
    case Provider::gitlab:
      return read_gitlab(event, facts);
    case Provider::bitbucket:
      return read_bitbucket(event, facts);
    case Provider::bitbucket_server:
      return read_bitbucket_server(event, facts);
    case Provider::azure:
      return read_azure(facts);
    case Provider::generic:
    case Provider::standard:
      return read_generic(facts);
  }
  return Error{Fault::invalid, "no such provider"};
}

}  // namespace

const Wanted& wanted_of(Provider provider) {
  switch (provider) {
    case Provider::github:
    case Provider::gitea:
    case Provider::forgejo:
    case Provider::gogs:
      return github_wanted();
    case Provider::gitlab:
      return gitlab_wanted();
    case Provider::bitbucket:
      return bitbucket_wanted();
    case Provider::bitbucket_server:
      return bitbucket_server_wanted();
    case Provider::azure:
      return azure_wanted();
    case Provider::generic:
    case Provider::standard:
      break;
  }
  return generic_wanted();
}

Result<Delivery> read_delivery(Provider provider, const Headers& headers, const Facts& facts) {
  if (!facts.object()) return Error{Fault::invalid, "the payload is no JSON object"};
  auto delivery = read(provider, event_of(provider, headers), facts);
  if (delivery) delivery->id = id_of(provider, headers, facts);
  return delivery;
}

bool is_zeros(std::string_view id) {
  return (id.size() == 40 || id.size() == 64) && id.find_first_not_of('0') == std::string::npos;
}

bool concerns_branches(const Pushed& pushed) {
  return pushed.refs.empty() ||
         std::any_of(pushed.refs.begin(), pushed.refs.end(),
                     [](const RefHint& hint) { return !hint.ref.starts_with("refs/tags/"); });
}

}  // namespace bough::forges
