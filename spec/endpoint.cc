#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>

#include "spec/bindables.h"
#include "spec/offers.h"

namespace bough {
namespace {

/// RFC 3986: everything but the unreserved characters.
std::string encoded(std::string_view text) {
  std::string result;
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      result += c;
    else
      result += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
  }
  return result;
}

bool is_folder(std::string_view host) {
  return host.starts_with('/');
}

bool is_ipv6(std::string_view host) {
  return host.find(':') != std::string_view::npos;
}

/// Hosts are not percent-encoded where they are names; a stray character must not end the host.
std::string host_and_port(const Endpoint& endpoint) {
  const std::string host =
      is_ipv6(endpoint.host) ? "[" + endpoint.host + "]" : encoded(endpoint.host);
  return endpoint.port == 0 ? host : fmt::format("{}:{}", host, endpoint.port);
}

std::string login(const Endpoint& endpoint) {
  if (endpoint.user.empty() && endpoint.password.empty()) return {};
  if (endpoint.password.empty()) return encoded(endpoint.user) + "@";
  return fmt::format("{}:{}@", encoded(endpoint.user), encoded(endpoint.password));
}

using Query = std::vector<std::pair<std::string_view, std::string>>;

std::string with_query(std::string url, const Query& query) {
  char before = '?';
  for (const auto& [key, value] : query) {
    if (value.empty()) continue;
    url += fmt::format("{}{}={}", std::exchange(before, '&'), key, encoded(value));
  }
  return url;
}

std::string_view mysql_mode(std::string_view sslmode) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kModes{
      {{"disable", "DISABLED"},
       {"prefer", "PREFERRED"},
       {"require", "REQUIRED"},
       {"verify-ca", "VERIFY_CA"},
       {"verify-full", "VERIFY_IDENTITY"}}};
  for (const auto& [mode, word] : kModes)
    if (mode == sslmode) return word;
  return {};
}

std::string url_with(std::string_view scheme, std::string_view who, const Endpoint& endpoint) {
  return fmt::format("{}://{}{}/{}", scheme, who, host_and_port(endpoint),
                     encoded(endpoint.database));
}

std::string postgresql_url(std::string_view scheme, std::string_view who,
                           const Endpoint& endpoint) {
  if (!is_folder(endpoint.host))
    return with_query(url_with(scheme, who, endpoint), {{"sslmode", endpoint.sslmode}});
  const std::string url = fmt::format("{}://{}/{}", scheme, who, encoded(endpoint.database));
  return with_query(url, {{"host", endpoint.host},
                          {"port", endpoint.port == 0 ? "" : std::to_string(endpoint.port)},
                          {"sslmode", endpoint.sslmode}});
}

/// TLS is on unless it was turned off; only PostgreSQL and MySQL know finer modes in the URL.
bool encrypts(const Endpoint& endpoint) {
  return !endpoint.sslmode.empty() && endpoint.sslmode != "disable";
}

std::string jdbc_url(const Endpoint& endpoint) {
  if (endpoint.engine == Engine::pg) return "jdbc:" + postgresql_url("postgresql", "", endpoint);
  return "jdbc:" + with_query(url_with("mysql", "", endpoint),
                              {{"sslMode", std::string(mysql_mode(endpoint.sslmode))}});
}

std::map<std::string, std::string> all_of(const Endpoint& endpoint) {
  const std::string url = url_of(endpoint);
  return {{"DATABASE_URL", url},
          {"DATABASE_PRIVATE_URL", url},
          {"REDIS_URL", url},
          {"VALKEY_URL", url},
          {"JDBC_DATABASE_URL", jdbc_url(endpoint)},
          {"HOSTNAME", endpoint.host},
          {"PORT", std::to_string(endpoint.port)},
          {"USERNAME", endpoint.user},
          {"PASSWORD", endpoint.password},
          {"DATABASE", endpoint.database},
          {"CA_CERT", endpoint.ca_cert}};
}

}  // namespace

std::string url_of(const Endpoint& endpoint) {
  const std::string who = login(endpoint);
  switch (endpoint.engine) {
    case Engine::pg:
      return postgresql_url("postgresql", who, endpoint);
    case Engine::mysql:
      return with_query(url_with("mysql", who, endpoint),
                        {{"ssl-mode", std::string(mysql_mode(endpoint.sslmode))}});
    case Engine::mongodb:
      return with_query(url_with("mongodb", who, endpoint),
                        {{"tls", encrypts(endpoint) ? "true" : ""}, {"authSource", "admin"}});
    case Engine::redis:
    case Engine::valkey:
      return url_with(encrypts(endpoint) ? "rediss" : "redis", who, endpoint);
    case Engine::opensearch:
      return fmt::format("{}://{}{}", encrypts(endpoint) ? "https" : "http", who,
                         host_and_port(endpoint));
    case Engine::kafka:
      break;
  }
  return host_and_port(endpoint);
}

std::map<std::string, std::string> bindables_of(const Endpoint& endpoint) {
  auto all = all_of(endpoint);
  std::map<std::string, std::string> result;
  for (std::string_view variable : offered_by(endpoint.engine))
    result.insert(all.extract(std::string(variable)));
  return result;
}

std::map<std::string, std::string> injected_for(const Endpoint& endpoint) {
  std::map<std::string, std::string> result{{"DATABASE_URL", url_of(endpoint)}};
  if (endpoint.engine != Engine::pg) return result;
  result["PGHOST"] = endpoint.host;
  result["PGPORT"] = std::to_string(endpoint.port);
  result["PGDATABASE"] = endpoint.database;
  result["PGUSER"] = endpoint.user;
  result["PGPASSWORD"] = endpoint.password;
  if (!endpoint.sslmode.empty()) result["PGSSLMODE"] = endpoint.sslmode;
  if (!endpoint.ca_cert_file.empty()) result["PGSSLROOTCERT"] = endpoint.ca_cert_file;
  return result;
}

}  // namespace bough
