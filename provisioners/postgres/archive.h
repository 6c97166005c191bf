#pragma once

#include <functional>
#include <string>

#include "provisioners/postgres/transfer.h"

namespace bough::postgres {

/// The programs that dump and restore, and what may stop them.
struct Tools {
  Transfer transfer;
  std::function<bool()> stopping;
};

/// libpq's variables: the login and database that a program works with.
using Environment = std::vector<std::string>;

/// Writes all of a database that the login sees to a file that only we can read, on disk when this
/// returns. Owners and privileges are left out.
Result<void> write_archive(const Tools& with, const Environment& from, const std::string& file);

/// Fills a database from such a file, all or nothing; what is made belongs to the login.
Result<void> read_archive(const Tools& with, const std::string& file, const Environment& to,
                          Entries entries);

/// The definitions of all that is in the database, without what differs between equal ones.
Result<std::string> read_definitions(const Tools& with, const Environment& of);

}  // namespace bough::postgres
