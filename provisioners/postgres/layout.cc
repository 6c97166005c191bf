#include "provisioners/postgres/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "spec/secret.h"

namespace bough::postgres {
namespace {

// A socket's path has at most 107 bytes, of which `/.s.PGSQL.65535.lock` is the server's.
constexpr std::size_t kLongestSockets = 85;
constexpr int kFirstPort = 20000;
constexpr int kPorts = 12000;
constexpr std::string_view kPort = "port = ";

/// Fit for lists that are separated by commas, in settings and in URLs.
bool plain(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-").find(c) != std::string_view::npos;
  });
}

std::string digits(std::string_view text) {
  const auto sum = sha256(text);
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()}).substr(0, 10);
}

std::string sockets_for(const std::string& base, unsigned uid) {
  std::string near = base + "/run";
  if (near.size() <= kLongestSockets && plain(near)) return near;
  return fmt::format("/tmp/bough-{}-{}", uid, digits(base));
}

std::string setting_value(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

Layout layout_of(const std::string& folder, int version, unsigned uid) {
  const std::string base = folder + "/dev";
  const std::string home = fmt::format("{}/pg{}", base, version);
  return {base,
          home + ".lock",
          home + ".new.",
          home,
          home + "/data",
          home + "/log",
          home + "/settings",
          home + "/hba",
          sockets_for(base, uid)};
}

std::string settings_text(const Layout& layout, int port, Listening listening) {
  // Nothing replicates from a dev server, so it need not log for replicas.
  return fmt::format(
      "# Written by bough at every start; ALTER SYSTEM settings are kept.\n"
      "{}{}\n"
      "listen_addresses = '{}'\n"
      "unix_socket_directories = {}\n"
      "hba_file = {}\n"
      "max_connections = 200\n"
      "shared_buffers = '64MB'\n"
      "wal_level = replica\n"
      "max_wal_senders = 0\n"
      "password_encryption = 'scram-sha-256'\n"
      "datestyle = 'iso, mdy'\n"
      "timezone = 'UTC'\n"
      "log_timezone = 'UTC'\n"
      "lc_messages = 'C'\n"
      "log_line_prefix = '%m [%p] %q%u@%d '\n"
      "default_text_search_config = 'pg_catalog.english'\n",
      kPort, port, listening == Listening::here ? "127.0.0.1" : "*", setting_value(layout.sockets),
      setting_value(layout.hba));
}

std::optional<int> port_in(std::string_view settings) {
  for (const std::string_view line : lines_of(settings))
    if (line.starts_with(kPort)) return number(line.substr(kPort.size()));
  return std::nullopt;
}

int preferred_port(const std::string& folder, int version) {
  const auto sum = sha256(fmt::format("{}\n{}", folder, version));
  return kFirstPort + (sum[0] * 256 + sum[1]) % kPorts;
}

std::optional<Lockfile> read_lockfile(std::string_view text) {
  constexpr std::size_t kStatus = 7;
  const auto lines = lines_of(text);
  if (lines.empty()) return std::nullopt;
  const auto pid = number(lines.front());
  if (!pid) return std::nullopt;
  return Lockfile{*pid, lines.size() > kStatus && lines[kStatus].starts_with("ready")};
}

std::string last_lines(std::string_view text, std::size_t count) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto lines = lines_of(text);
  std::string result;
  for (std::size_t i = lines.size() > count ? lines.size() - count : 0; i < lines.size(); ++i) {
    if (!result.empty()) result += '\n';
    result += lines[i];
  }
  return result;
}

}  // namespace bough::postgres
