#pragma once

#include <string>
#include <vector>

#include "provisioners/provisioner.h"
#include "spec/result.h"
#include "spec/secret.h"

namespace bough::postgres {

/// How clients reach a server.
struct Reach {
  std::string host;
  int port = 5432;
  std::string sslmode;
  std::string ca_cert;  ///< PEM text or empty
  bool operator==(const Reach&) const = default;
};

/// How bough logs in to a server as its admin.
struct Login {
  Secret conninfo;    ///< libpq's key='value' pairs with the password
  std::string where;  ///< host:port for people
  Reach clients;

  /// The same login to another database.
  Login to(const std::string& database) const;
  /// Another login, by password alone, to a database of the same server.
  Login as(const std::string& user, const Secret& password, const std::string& database) const;
};

/// The login for an access. Of several hosts clients are given the first that is no socket folder.
/// Without an sslmode a server elsewhere must offer TLS; one on this machine need not. Reads the
/// CA certificate; Fault::invalid for a URL that cannot be read or holds a password.
Result<Login> login_for(const ServerAccess& access);

/// The login as variables of libpq's programs, which have their own limits of time.
std::vector<std::string> environment_of(const Login& login);

/// The login of a client, as it would log in itself; `ca_file` holds the authority's certificate,
/// if the endpoint has one.
Result<Login> login_of(const Endpoint& endpoint, const std::string& ca_file);

/// The name that sessions of this process show in pg_stat_activity: `bough HOST:PID`.
std::string application_name();

}  // namespace bough::postgres
