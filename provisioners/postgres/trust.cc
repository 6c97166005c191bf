#include "provisioners/postgres/trust.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace bough::postgres {
namespace {

constexpr std::string_view kMethod = " scram-sha-256\n";

/// The text between the next two quotation marks of a line.
std::string next_quoted(std::istringstream& line) {
  std::string skipped, name;
  std::getline(line, skipped, '"');
  std::getline(line, name, '"');
  return name;
}

}  // namespace

bool trustable(std::string_view name) {
  return std::none_of(name.begin(), name.end(),
                      [](char c) { return c == '"' || static_cast<unsigned char>(c) < ' '; });
}

std::string hba_text(const Trusted& trusted, Tls tls) {
  std::string text =
      "# Written by bough.\n"
      "local all all scram-sha-256\n"
      "host all all 127.0.0.1/32 scram-sha-256\n"
      "host all all ::1/128 scram-sha-256\n";
  for (const auto& [name, sources] : trusted)
    for (const TrustedSource& source : sources)
      text += fmt::format("{} \"{}\" \"{}\" {}{}", tls == Tls::on ? "hostssl" : "host", name, name,
                          source.address, kMethod);
  return text;
}

Trusted trusted_in(std::string_view hba) {
  Trusted trusted;
  std::istringstream lines{std::string(hba)};
  for (std::string text; std::getline(lines, text);) {
    if (!text.starts_with("host") || text.find('"') == std::string::npos) continue;
    std::istringstream line(text);
    const std::string database = next_quoted(line);
    next_quoted(line);
    std::string address;
    if (line >> address) trusted[database].insert({address, std::nullopt});
  }
  return trusted;
}

}  // namespace bough::postgres
