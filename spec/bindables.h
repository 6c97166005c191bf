#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/app_spec.h"
#include "spec/result.h"

namespace bough {

/// One `${…}` of a value: `${db.DATABASE_URL}` is {"db", "DATABASE_URL"}, `${APP_URL}` has no
/// component.
struct Bindable {
  std::string component;
  std::string variable;
  auto operator<=>(const Bindable&) const = default;
};

/// The bindables of a value in order. What lies between `${` and `}` is one when it is made of
/// letters, digits, `_`, `-` and dots, at most 200; anything else is plain text. A connection
/// pool's are {"db", "pool.DATABASE_URL"}.
std::vector<Bindable> bindables(std::string_view value);

/// `${db.DATABASE_URL}`, as it is written in a value.
std::string written(const Bindable& bindable);

/// The value with every bindable replaced by what `lookup` gives; what it does not know is
/// Fault::invalid naming it. Values are taken as they are, never expanded again.
using Lookup = std::function<std::optional<std::string>(const Bindable&)>;
Result<std::string> expand(std::string_view value, const Lookup& lookup);

/// What a client needs to reach one database.
struct Endpoint {
  Engine engine = Engine::pg;
  std::string host;  ///< a host name, an address, or the folder of a Unix socket
  int port = 0;
  std::string database;
  std::string user;
  std::string password;
  std::string sslmode;         ///< `disable`, `require`, `verify-full`, …
  std::string ca_cert;         ///< PEM text or empty
  std::string ca_cert_file{};  ///< a file of it that clients here can read; may be empty
};

/// The URL of an endpoint with every part percent-encoded (RFC 3986); `host:port` for Kafka. The
/// folder of a Unix socket goes into the query, as libpq takes it.
std::string url_of(const Endpoint& endpoint);

/// The variables that a database component offers: DATABASE_URL, HOSTNAME, PORT, USERNAME,
/// PASSWORD, CA_CERT, and for engines that have them DATABASE, DATABASE_PRIVATE_URL, REDIS_URL,
/// VALKEY_URL (all the same as DATABASE_URL) and JDBC_DATABASE_URL (without user and password).
std::map<std::string, std::string> bindables_of(const Endpoint& endpoint);

/// PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSSLMODE and PGSSLROOTCERT (unless they are
/// empty) and DATABASE_URL; of other engines than PG only DATABASE_URL.
std::map<std::string, std::string> injected_for(const Endpoint& endpoint);

enum class Phase { build, run };

/// The variables of one component (or, without one, of the app) in a phase: app-level envs, then
/// the component's, references resolved, then the injected values of `primary`, which win. An entry
/// for just this phase wins over one for both, the last one over earlier ones. References to
/// databases are taken from `endpoints` (by component name) in both phases, those to other
/// variables are followed. What only the platform knows (APP_URL, a service's PUBLIC_URL, …) is
/// empty. SECRET entries without a value, values that only the platform can decrypt (`EV[…]`), and
/// what refers to either, are left out. Fault::invalid for a reference to nothing or to itself, and
/// for values that grow too large; Fault::missing for a component or endpoint that does not exist.
struct VariablesRequest {
  const AppSpec& spec;
  std::string component;  ///< empty: app-level entries only
  Phase phase = Phase::run;
  const std::map<std::string, Endpoint>& endpoints;
  std::string primary;  ///< the database component that gives PG* and DATABASE_URL; may be empty
};
Result<std::map<std::string, std::string>> variables(const VariablesRequest& request);

}  // namespace bough
