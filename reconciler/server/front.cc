#include "reconciler/server/front.h"

namespace bough::server {
namespace {

Response word(int status, std::string text) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text) + "\n"};
}

}  // namespace

Response Front::metrics(const Head& head) {
  const auto grant = parts_.tokens.grant_of(head.headers);
  if (!grant) {
    Response response = refusal(401, "metrics need a token: Authorization: Bearer TOKEN");
    response.headers.push_back({"WWW-Authenticate", "Bearer"});
    return response;
  }
  if (!grant->may(Scope::read) || !grant->sees_all())
    return refusal(403, "metrics need the scope read, for all repositories");
  parts_.measure(parts_.metrics);
  return {
      200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, parts_.metrics.text()};
}

Site::Beginning Front::begin(const Head& head) {
  if (head.path.starts_with("/hooks/")) return parts_.hooks.begin(head);
  if (head.path.starts_with("/v1/")) return parts_.api.begin(head);
  const bool reads = head.method == "GET";
  if (head.path == "/healthz" && reads) return word(200, "ok");
  if (head.path == "/readyz" && reads)
    return parts_.ready() ? word(200, "ready") : word(503, "not ready");
  if (head.path == "/metrics" && reads) return metrics(head);
  return refusal(404, "there is nothing here");
}

}  // namespace bough::server
