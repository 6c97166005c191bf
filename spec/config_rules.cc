#include "spec/config_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>
#include <vector>

#include "spec/findings.h"

namespace bough {
namespace {

constexpr std::size_t kLongestPattern = 512;

bool holds_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

/// The parts of `scheme://user:password@host:port/path?query`.
struct Url {
  std::string_view scheme;
  std::string_view user;
  std::string_view host;
  std::string_view query;
  bool has_password = false;
};

std::optional<Url> split(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Url url;
  url.scheme = text.substr(0, colon);
  text.remove_prefix(colon + 3);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, end);
  if (const auto query = text.find('?'); query != std::string_view::npos)
    url.query = text.substr(query + 1);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    url.user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    const auto password = url.user.find(':');
    url.has_password = password != std::string_view::npos;
    url.user = url.user.substr(0, password);
  }
  url.host = authority;
  return url;
}

Complaint password_inside() {
  return {"a password stands inside the URL", "remove it and add `password: {env: NAME}`"};
}

std::optional<Complaint> path_or_scp_complaint(std::string_view url) {
  static constexpr std::string_view kForms = "write https://host/path, git@host:path, or ./path";
  if (url.starts_with('/') || url == "." || url == ".." || url.starts_with("./") ||
      url.starts_with("../"))
    return std::nullopt;
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos || url.find('/') < colon)
    return Complaint{"this is no Git URL", std::string(kForms)};
  const std::string_view login = url.substr(0, colon);
  const std::string_view host = login.substr(login.rfind('@') + 1);
  const std::string_view path = url.substr(colon + 1);
  if (host.empty() || host.starts_with('-') || path.empty() || path.starts_with('-'))
    return Complaint{"this is no Git URL", std::string(kForms)};
  return std::nullopt;
}

/// `transport::address` makes Git run a program of that name.
bool names_a_transport(std::string_view url) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '+' || c == '_';
  };
  const auto end = std::find_if_not(url.begin(), url.end(), plain);
  return url.substr(static_cast<std::size_t>(end - url.begin())).starts_with("::");
}

struct EngineSchemes {
  Engine engine;
  std::vector<std::string_view> schemes;
};

const std::vector<std::string_view>& schemes_of(Engine engine) {
  static const std::vector<EngineSchemes> kSchemes{
      {Engine::pg, {"postgresql", "postgres"}},
      {Engine::mysql, {"mysql", "mariadb"}},
      {Engine::redis, {"redis", "rediss"}},
      {Engine::valkey, {"valkey", "valkeys", "redis", "rediss"}},
      {Engine::mongodb, {"mongodb", "mongodb+srv"}},
      {Engine::kafka, {"kafka"}},
      {Engine::opensearch, {"https", "http"}}};
  return std::find_if(kSchemes.begin(), kSchemes.end(),
                      [&](const EngineSchemes& known) { return known.engine == engine; })
      ->schemes;
}

bool query_names_password(std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view key = query.substr(0, std::min(query.find('='), end));
    if (key == "password" || key == "sslpassword") return true;
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return false;
}

std::optional<Complaint> pairs_complaint(std::string_view pairs) {
  if (pairs.find('=') == std::string_view::npos)
    return Complaint{"this is no PostgreSQL URL", "write postgresql://user@host:5432/postgres"};
  for (std::size_t at = pairs.find("password"); at != std::string_view::npos;
       at = pairs.find("password", at + 1)) {
    const std::size_t next = pairs.find_first_not_of(" \t", at + 8);
    if (next != std::string_view::npos && pairs[next] == '=') return password_inside();
  }
  return std::nullopt;
}

std::optional<long long> unit_size(std::string_view unit) {
  static constexpr std::array<std::pair<std::string_view, long long>, 12> kUnits{
      {{"", 1},
       {"B", 1},
       {"kB", 1000},
       {"KB", 1000},
       {"MB", 1000'000},
       {"GB", 1000'000'000},
       {"TB", 1000'000'000'000},
       {"KiB", 1LL << 10},
       {"MiB", 1LL << 20},
       {"GiB", 1LL << 30},
       {"TiB", 1LL << 40},
       {"PiB", 1LL << 50}}};
  for (const auto& [word, size] : kUnits)
    if (word == unit) return size;
  return std::nullopt;
}

}  // namespace

std::optional<Complaint> remote_complaint(std::string_view text) {
  if (text.empty()) return Complaint{"the URL is empty", "name the Git remote"};
  if (holds_control(text) || text.find(' ') != std::string_view::npos)
    return Complaint{"the URL holds a blank or a control character", "percent-encode it"};
  if (text.starts_with('-'))
    return Complaint{"the URL begins with a hyphen, as an option does", "write ./-name for a path"};
  if (names_a_transport(text))
    return Complaint{"the URL names a program for Git to run", "use an https or ssh URL"};
  const auto url = split(text);
  if (!url) return path_or_scp_complaint(text);
  static const std::vector<std::string_view> kSchemes{"https", "http", "ssh", "git", "file"};
  if (std::find(kSchemes.begin(), kSchemes.end(), url->scheme) == kSchemes.end())
    return Complaint{fmt::format("{} is no scheme of a Git URL", in_quotes(url->scheme)),
                     choice_fix(url->scheme, kSchemes)};
  if (url->has_password) return password_inside();
  if (url->scheme == "file") return std::nullopt;
  if (url->host.empty() || url->host.starts_with('-') || url->user.starts_with('-'))
    return Complaint{"the URL names no valid host", "write https://host/path"};
  return std::nullopt;
}

std::optional<Complaint> server_complaint(Engine engine, std::string_view text) {
  if (holds_control(text))
    return Complaint{"the URL holds a control character", "percent-encode it"};
  const auto url = split(text);
  if (!url && engine == Engine::pg) return pairs_complaint(text);
  const auto& schemes = schemes_of(engine);
  if (!url || std::find(schemes.begin(), schemes.end(), url->scheme) == schemes.end())
    return Complaint{fmt::format("the URL of an instance of {} begins with {}://", word_of(engine),
                                 schemes.front()),
                     fmt::format("write {}://user@host:port/…", schemes.front())};
  if (url->has_password || query_names_password(url->query)) return password_inside();
  return std::nullopt;
}

std::optional<Complaint> glob_complaint(std::string_view pattern) {
  if (pattern.empty()) return Complaint{"the pattern is empty", "write \"**\" for every branch"};
  if (pattern.size() > kLongestPattern)
    return Complaint{fmt::format("the pattern is longer than {} bytes", kLongestPattern), ""};
  if (pattern.starts_with('!'))
    return Complaint{"a pattern cannot be negated by `!`", "list it under `exclude`"};
  if (holds_control(pattern) || pattern.find_first_of(" ~^:[\\") != std::string_view::npos)
    return Complaint{"the pattern holds a character that no branch has",
                     "`*`, `**` and `?` are the only wildcards"};
  if (pattern.find("***") != std::string_view::npos)
    return Complaint{"`***` is no wildcard", "`*` matches within a path part, `**` across parts"};
  return std::nullopt;
}

std::optional<Complaint> listen_complaint(std::string_view address) {
  const Complaint wrong{"this is no address to listen on", "write 127.0.0.1:7420"};
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || holds_control(address)) return wrong;
  const std::string_view host = address.substr(0, colon);
  const std::string_view port = address.substr(colon + 1);
  int number = -1;
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || stop != port.data() + port.size() || number < 0 || number > 65535)
    return wrong;
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (!bracketed && host.find_first_of(":/@ ") != std::string_view::npos)
    return Complaint{"this is no address to listen on", "write IPv6 hosts as [::1]:7420"};
  return std::nullopt;
}

std::optional<Complaint> public_url_complaint(std::string_view url) {
  const Complaint wrong{"this is no URL that others can reach bough at",
                        "write https://bough.example.com"};
  const std::size_t host = url.find("://") + 3;
  const bool web = url.starts_with("http://") || url.starts_with("https://");
  if (!web || host >= url.size() || url[host] == '/' || holds_control(url) ||
      url.find_first_of("@?# \"<>") != std::string_view::npos)
    return wrong;
  return std::nullopt;
}

std::optional<long long> parse_size(std::string_view text) {
  long long number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  const auto unit = unit_size(text);
  if (!unit || number > (std::numeric_limits<long long>::max() / 2) / *unit) return std::nullopt;
  return number * *unit;
}

}  // namespace bough
