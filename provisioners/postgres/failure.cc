#include "provisioners/postgres/failure.h"

#include <array>
#include <vector>

namespace bough::postgres {
namespace {

struct Meaning {
  std::string_view state;  ///< a SQLSTATE or its first characters
  Fault fault;
};

constexpr std::array<Meaning, 21> kMeanings{{
    {"42501", Fault::denied},       // insufficient privilege
    {"42P04", Fault::stale},        // duplicate database
    {"42710", Fault::stale},        // duplicate role
    {"42704", Fault::stale},        // no such role
    {"3D000", Fault::stale},        // no such database
    {"2BP01", Fault::refused},      // other objects depend on it
    {"57014", Fault::unavailable},  // cancelled: statement timeout
    {"57P", Fault::unavailable},    // shutting down, starting up
    {"55P03", Fault::unavailable},  // lock timeout
    {"55006", Fault::unavailable},  // in use
    {"25006", Fault::denied},       // read-only: a standby
    {"42939", Fault::invalid},      // reserved name
    {"0A", Fault::refused},         // not supported
    {"28", Fault::denied},         {"08", Fault::unavailable}, {"40", Fault::unavailable},
    {"53", Fault::unavailable},    {"54", Fault::refused},     {"55", Fault::refused},
    {"58", Fault::unavailable},    {"22", Fault::invalid},
}};

struct Symptom {
  std::string_view text;
  Fault fault;
  std::string_view words;
};

constexpr std::string_view kWrongPassword = "login or password is wrong";

// In the order of looking: a text about TLS also tells of the login that was not tried.
constexpr std::array<Symptom, 28> kSymptoms{{
    {"No space left on device", Fault::unavailable, "its disk is full"},
    {"requires a valid client certificate", Fault::denied,
     "it wants a client certificate for this login; set client_certificate and client_key"},
    {"certificate authentication failed", Fault::denied,
     "the client certificate is of another authority or for another login than this one"},
    {"tlsv1 alert unknown ca", Fault::denied,
     "it does not trust the authority of the client certificate"},
    {"private key file", Fault::denied, "the client key does not fit its certificate"},
    {"could not translate host name", Fault::unavailable, "its name does not resolve"},
    {"Connection refused", Fault::unavailable, "nothing listens on its port"},
    {"No such file or directory", Fault::unavailable, "there is no such socket"},
    {"timeout expired", Fault::unavailable, "it did not answer in time"},
    {"Connection timed out", Fault::unavailable, "it did not answer in time"},
    {"No route to host", Fault::unavailable, "there is no route to it"},
    {"Network is unreachable", Fault::unavailable, "there is no route to it"},
    {"server does not support SSL", Fault::denied,
     "it does not offer TLS; turn TLS on there, or set sslmode=disable in the URL"},
    {"root certificate file", Fault::denied,
     "there is no CA certificate to check it against; set ca_cert"},
    {"certificate verify failed", Fault::denied,
     "its certificate is not of the expected authority; set ca_cert"},
    {"server certificate for", Fault::denied, "its certificate is for another name"},
    {"SSL error", Fault::denied, "TLS failed"},
    {"no encryption", Fault::denied,
     "it wants TLS for this login, or does not let this login in from here; set sslmode=require "
     "in the URL, or mend pg_hba.conf"},
    {"SSL off", Fault::denied,
     "it wants TLS for this login, or does not let this login in from here; set sslmode=require "
     "in the URL, or mend pg_hba.conf"},
    {"no pg_hba.conf entry", Fault::denied,
     "it does not let this login in from here; mend pg_hba.conf"},
    {"password authentication failed", Fault::denied, kWrongPassword},
    {"no password supplied", Fault::denied, "it wants a password and none is configured"},
    {"is not permitted to log in", Fault::denied, "the login may not log in"},
    {"starting up", Fault::unavailable, "it is starting up"},
    {"shutting down", Fault::unavailable, "it is shutting down"},
    {"too many", Fault::unavailable, "it has no connection left"},
    {"connection slots are reserved", Fault::unavailable, "it has no connection left"},
    {"server closed the connection", Fault::unavailable, "it closed the connection"},
}};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '.' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

/// The line without `ERROR:` and the like, in whatever language the server writes it.
std::string_view without_severity(std::string_view line) {
  const std::size_t colon = line.find(":  ");
  return trimmed(colon == std::string_view::npos ? line : line.substr(colon + 3));
}

}  // namespace

Fault fault_of(std::string_view sqlstate) {
  for (const Meaning& meaning : kMeanings)
    if (sqlstate.starts_with(meaning.state)) return meaning.fault;
  return Fault::broken;
}

bool ends_session(std::string_view sqlstate) {
  return sqlstate.starts_with("08") || sqlstate.starts_with("57P");
}

std::string message_of(std::string_view text) {
  const auto lines = lines_of(text);
  if (lines.empty()) return "the server gave no reason";
  std::string message(without_severity(lines.front()));
  for (const std::string_view line : lines)
    if (line.starts_with("DETAIL:  "))
      message.append(" (").append(without_severity(line)).append(")");
  return message;
}

bool is_wrong_password(const Error& failure) {
  return failure.fault == Fault::denied &&
         failure.message.find(kWrongPassword) != std::string::npos;
}

Error connect_failure(std::string_view text, std::string_view where) {
  const std::string server = "server " + std::string(where) + ": ";
  const auto lines = lines_of(text);
  const std::string last(lines.empty() ? "no reason given" : without_severity(lines.back()));
  for (const Symptom& symptom : kSymptoms)
    if (text.find(symptom.text) != std::string_view::npos)
      return {symptom.fault, server + std::string(symptom.words) + " (" + last + ")"};
  // libpq's own texts are known above; what remains is the server's word, in its own language.
  return {Fault::denied, server + "it refused the connection (" + last + ")"};
}

}  // namespace bough::postgres
