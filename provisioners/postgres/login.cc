#include "provisioners/postgres/login.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "spec/handle.h"

namespace bough::postgres {
namespace {

using Options = Handle<PQconninfoOption, PQconninfoFree>;
using Settings = std::map<std::string, std::string>;

// Pinned in the startup packet: no database's or role's own settings can redirect what our
// statements mean, and no statement or lock is waited for without end.
constexpr std::string_view kSessionOptions =
    "-c search_path=pg_catalog,pg_temp -c statement_timeout=60000 -c lock_timeout=15000 "
    "-c idle_in_transaction_session_timeout=60000 -c client_min_messages=error "
    "-c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off "
    "-c role=none -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 "
    "-c tcp_keepalives_count=3";

/// libpq's complaint, unless it quotes what may be a piece of a password.
std::string complaint(const char* text) {
  const std::string said = text ? text : "";
  const bool quotes_a_value = said.find("percent-encoded") != std::string::npos;
  return quotes_a_value || said.empty() ? "it is no PostgreSQL URL"
                                        : said.substr(0, said.find('\n'));
}

Result<Settings> parse(const std::string& url) {
  // libpq would take whatever server is the default here.
  if (url.empty()) return Error{Fault::invalid, "there is no url"};
  char* wrong = nullptr;
  const Options options(PQconninfoParse(url.c_str(), &wrong));
  const Handle<char, PQfreemem> message(wrong);
  if (!options) return Error{Fault::invalid, "the url cannot be read: " + complaint(wrong)};
  Settings settings;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option)
    if (option->val) settings[option->keyword] = option->val;
  if (settings.contains("password"))
    return Error{Fault::invalid, "the url holds a password; give it under password: instead"};
  return settings;
}

std::vector<std::string> parts(const std::string& list) {
  std::vector<std::string> result;
  std::istringstream in(list);
  for (std::string part; std::getline(in, part, ',');) result.push_back(part);
  return result;
}

bool is_socket(const std::string& host) {
  return host.empty() || host.front() == '/';
}

bool is_local(const std::string& host) {
  return is_socket(host) || host == "localhost" || host == "::1" || host.starts_with("127.");
}

int port_at(const std::vector<std::string>& ports, std::size_t index) {
  if (ports.empty()) return 5432;
  const std::string& text = ports[index < ports.size() ? index : 0];
  int port = 5432;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

/// The host that clients are given.
Reach reach_of(const Settings& settings) {
  const auto value = [&](const char* key) {
    const auto found = settings.find(key);
    return found == settings.end() ? std::string() : found->second;
  };
  const auto hosts = parts(value("host"));
  const auto ports = parts(value("port"));
  std::size_t chosen = 0;
  while (chosen < hosts.size() && is_socket(hosts[chosen])) ++chosen;
  if (chosen == hosts.size()) chosen = 0;
  const std::string host = hosts.empty() ? "/var/run/postgresql" : hosts[chosen];
  return {host, port_at(ports, chosen), value("sslmode"), ""};
}

Result<std::string> read_certificate(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || text.str().empty())
    return Error{Fault::invalid, fmt::format("CA certificate {} cannot be read", file)};
  return text.str();
}

/// What the admin uses and what clients are told when the URL says nothing about TLS.
void choose_sslmode(Settings& settings, Reach& clients) {
  if (settings.contains("sslmode")) return;
  const bool local = is_local(clients.host);
  const bool checked = settings.contains("sslrootcert");
  // Locally `prefer` finds a server that wants TLS all the same; many client libraries do not know
  // that word, so they are given a plain one.
  settings["sslmode"] = checked ? "verify-full" : local ? "prefer" : "require";
  clients.sslmode = checked ? "verify-full" : local ? "disable" : "require";
}

void pin(Settings& settings) {
  settings.try_emplace("dbname", "postgres");
  settings.try_emplace("connect_timeout", "10");
  settings.try_emplace("tcp_user_timeout", "30000");
  settings.try_emplace("keepalives_idle", "30");
  settings.try_emplace("keepalives_interval", "10");
  settings.try_emplace("keepalives_count", "3");
  settings["client_encoding"] = "UTF8";
  settings["application_name"] = application_name();
  std::string& options = settings["options"];
  options += (options.empty() ? "" : " ") + std::string(kSessionOptions);
}

// Of a key that is there twice the last one counts.
std::string conninfo(const Settings& settings) {
  std::string text;
  for (const auto& [key, value] : settings) {
    text += key + "='";
    for (const char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += "' ";
  }
  return text;
}

/// The complaint about a key file that libpq would not use, in words that say what to do.
std::optional<std::string> unfit_key(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0 || access(file.c_str(), R_OK) != 0)
    return fmt::format("client key {} cannot be read", file);
  const bool of_root = status.st_uid == 0;
  const mode_t too_much = of_root ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  if ((status.st_mode & too_much) == 0) return std::nullopt;
  return fmt::format("client key {} can be read by others; chmod {} it", file,
                     of_root ? "0640" : "0600");
}

Result<void> use_client_certificate(const ServerAccess& server, Settings& settings) {
  if (server.certificate_file.empty()) return {};
  if (access(server.certificate_file.c_str(), R_OK) != 0)
    return Error{Fault::invalid,
                 fmt::format("client certificate {} cannot be read", server.certificate_file)};
  if (auto wrong = unfit_key(server.key_file)) return Error{Fault::invalid, *wrong};
  settings["sslcert"] = server.certificate_file;
  settings["sslkey"] = server.key_file;
  return {};
}

}  // namespace

Result<Login> login_for(const ServerAccess& access) {
  auto settings = parse(access.url);
  if (!settings) return within("instance " + access.instance.text(), settings.error());
  if (!access.ca_cert_file.empty()) (*settings)["sslrootcert"] = access.ca_cert_file;
  if (auto used = use_client_certificate(access, *settings); !used)
    return within("instance " + access.instance.text(), used.error());
  Reach clients = reach_of(*settings);
  if (settings->contains("sslrootcert") && settings->at("sslrootcert") != "system") {
    auto certificate = read_certificate(settings->at("sslrootcert"));
    if (!certificate) return within("instance " + access.instance.text(), certificate.error());
    clients.ca_cert = *std::move(certificate);
  }
  choose_sslmode(*settings, clients);
  pin(*settings);
  if (access.password) (*settings)["password"] = access.password->reveal();
  std::string where = fmt::format("{}:{}", clients.host, clients.port);
  return Login{Secret(conninfo(*settings)), std::move(where), std::move(clients)};
}

Login Login::to(const std::string& database) const {
  return {Secret(conninfo.reveal() + postgres::conninfo({{"dbname", database}})), where, clients};
}

Login Login::as(const std::string& user, const Secret& password,
                const std::string& database) const {
  const Settings other{{"dbname", database},
                       {"user", user},
                       {"password", password.reveal()},
                       {"sslcert", "/nonexistent"},
                       {"sslkey", "/nonexistent"}};
  return {Secret(conninfo.reveal() + postgres::conninfo(other)), where, clients};
}

std::vector<std::string> environment_of(const Login& login) {
  const Options options(PQconninfoParse(login.conninfo.reveal().c_str(), nullptr));
  std::vector<std::string> all;
  if (!options) return all;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    if (!option->val || !option->envvar) continue;
    const std::string_view limits = option->keyword == std::string_view("options")
                                        ? " -c statement_timeout=0"
                                          " -c idle_in_transaction_session_timeout=0"
                                        : "";
    all.push_back(fmt::format("{}={}{}", option->envvar, option->val, limits));
  }
  return all;
}

Result<Login> login_of(const Endpoint& endpoint, const std::string& ca_file) {
  return login_for({*InstanceName::parse("copy"),
                    conninfo({{"host", endpoint.host},
                              {"port", std::to_string(endpoint.port)},
                              {"dbname", endpoint.database},
                              {"user", endpoint.user},
                              {"sslmode", endpoint.sslmode}}),
                    Secret(endpoint.password), ca_file});
}

std::string application_name() {
  std::array<char, 65> host{};
  gethostname(host.data(), host.size() - 1);
  return fmt::format("bough {}:{}", std::string(host.data()).substr(0, 40), getpid());
}

}  // namespace bough::postgres
