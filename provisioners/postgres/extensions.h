#pragma once

#include <string>
#include <vector>

#include "provisioners/postgres/login.h"
#include "spec/names.h"

namespace bough::postgres {

/// A database and the two logins that can make extensions in it.
struct Workshop {
  const Login& admin;
  Login owner;
  DatabaseName database;
  bool superuser = false;  ///< the admin is
};

/// Makes the extensions that are not there yet, each in a transaction of its own: those that an
/// owner may make as the owner, so that no code of the database runs with more; the others as a
/// superuser, and only while no branch has put functions where they would be found. Fault::missing
/// names a package to install, Fault::refused who has to make it.
Result<void> make_extensions(const Workshop& at, const std::vector<std::string>& names);

}  // namespace bough::postgres
