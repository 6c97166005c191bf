#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "spec/engine.h"

namespace bough {

/// What is wrong with a value, without repeating it (it may hold a secret), and how to mend it.
struct Complaint {
  std::string message;
  std::string fix;
};

/// The URL of a Git remote: https, http, ssh, git or file, `user@host:path`, or a local path that
/// begins with `/` or `.`. Nothing that Git or ssh would take as an option or run as a program.
std::optional<Complaint> remote_complaint(std::string_view url);

/// The URL of a database server of that engine; for PostgreSQL also `key=value` pairs. Never with a
/// password.
std::optional<Complaint> server_complaint(Engine engine, std::string_view url);

/// A pattern for glob_matches.
std::optional<Complaint> glob_complaint(std::string_view pattern);

/// `host:port`, `[v6]:port` or `:port`; port 0 is a free one.
std::optional<Complaint> listen_complaint(std::string_view address);

/// An http or https URL without a login, query or fragment.
std::optional<Complaint> public_url_complaint(std::string_view url);

/// A size as people write it, in bytes: `512MiB`, `5GiB`, `2GB`, `100kB`, `4096`; nothing when it
/// is none or is beyond 2^62.
std::optional<long long> parse_size(std::string_view text);

}  // namespace bough
