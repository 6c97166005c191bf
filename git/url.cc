#include "git/url.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "spec/place.h"

namespace bough {
namespace {

constexpr std::string_view kAllowed =
    "use https, http, ssh, git or file, or the path of a local folder";

Error invalid(std::string_view url, std::string_view why) {
  return {Fault::invalid, "the URL " + printable(without_login(url)) + " " + std::string(why)};
}

std::optional<Scheme> scheme_of(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, Scheme>, 5> kSchemes{
      {{"https", Scheme::https},
       {"http", Scheme::http},
       {"ssh", Scheme::ssh},
       {"git", Scheme::git},
       {"file", Scheme::local}}};
  for (const auto& [name, scheme] : kSchemes)
    if (name == word) return scheme;
  return std::nullopt;
}

bool has_control_bytes(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && digit_of(text[i + 1]) >= 0 &&
                       digit_of(text[i + 2]) >= 0;
    if (!coded) {
      result += text[i];
      continue;
    }
    result += static_cast<char>(digit_of(text[i + 1]) * 16 + digit_of(text[i + 2]));
    i += 2;
  }
  return result;
}

/// The host of `host:port` or `[address]:port`.
std::string host_of(std::string_view authority) {
  if (authority.starts_with('[')) return std::string(authority.substr(1, authority.find(']') - 1));
  return std::string(authority.substr(0, authority.find(':')));
}

}  // namespace

std::string without_login(std::string_view text) {
  std::string result;
  for (std::size_t start = text.find("://"); start != std::string_view::npos;
       start = text.find("://")) {
    result += text.substr(0, start + 3);
    text.remove_prefix(start + 3);
    const std::string_view authority = text.substr(0, text.find_first_of("/ \t\n'\""));
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
      result += "***";
      text.remove_prefix(at);
    }
  }
  return result += text;
}

std::string RemoteUrl::shown() const {
  return printable(without_login(text_));
}

Result<RemoteUrl> RemoteUrl::parse(std::string_view text) {
  if (text.empty()) return Error{Fault::invalid, "the URL of the repository is empty"};
  if (text.front() == '-') return invalid(text, "starts with a hyphen");
  if (has_control_bytes(text)) return invalid(text, "holds a line break or control character");
  const auto colons = text.find("://");
  const auto slash = text.find('/');
  if (colons != std::string_view::npos && slash == colons + 1) {
    const auto scheme = scheme_of(text.substr(0, colons));
    if (!scheme) return invalid(text, "has an unknown scheme; " + std::string(kAllowed));
    if (*scheme != Scheme::local) return parse_network(text, *scheme);
    std::string_view path = text.substr(colons + 3);
    if (path.starts_with("localhost/")) path.remove_prefix(9);
    if (!path.starts_with('/')) return invalid(text, "names a host; a file URL has three slashes");
    return parse_local(text, percent_decoded(path));
  }
  if (text.find(':') < slash) return parse_scp(text);
  return parse_local(text, text);
}

Result<RemoteUrl> RemoteUrl::parse_network(std::string_view text, Scheme scheme) {
  std::string_view rest = text.substr(text.find("://") + 3);
  const auto slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  RemoteUrl url;
  url.scheme_ = scheme;
  url.text_ = text;
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = authority.substr(0, at);
    if (login.find(':') != std::string_view::npos)
      return invalid(text, "holds a password; give it under credentials instead");
    url.user_ = percent_decoded(login);
    authority.remove_prefix(at + 1);
  }
  url.host_ = host_of(authority);
  if (url.host_.empty()) return invalid(text, "names no host");
  if (url.host_.front() == '-') return invalid(text, "has a host that starts with a hyphen");
  if (slash == std::string_view::npos || slash + 1 == rest.size())
    return invalid(text, "names no repository");
  return url;
}

Result<RemoteUrl> RemoteUrl::parse_scp(std::string_view text) {
  const auto colon = text.find(':');
  if (text.substr(colon).starts_with("::"))
    return invalid(text, "has an unknown scheme; " + std::string(kAllowed));
  std::string_view authority = text.substr(0, colon);
  RemoteUrl url;
  url.scheme_ = Scheme::ssh;
  url.text_ = text;
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    url.user_ = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  url.host_ = authority;
  if (url.host_.empty() || url.host_.front() == '-') return invalid(text, "names no host");
  if (colon + 1 == text.size()) return invalid(text, "names no repository");
  return url;
}

Result<RemoteUrl> RemoteUrl::parse_local(std::string_view text, std::string_view path) {
  std::error_code failure;
  RemoteUrl url;
  url.text_ = text;
  url.path_ = std::filesystem::absolute(std::filesystem::path(path), failure).string();
  if (failure) return invalid(text, "cannot be made absolute: " + failure.message());
  return url;
}

}  // namespace bough
