#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provisioners/postgres/programs.h"
#include "spec/bindables.h"
#include "spec/result.h"
#include "spec/run_user.h"

namespace bough::postgres {

/// `pg_dump` and `pg_restore` of one major version, run as `user` when we are root.
struct Transfer {
  Programs programs;
  std::optional<RunUser> user;
  std::function<bool()> stopping{};  ///< true ends them
};

/// The oldest of the programs found that can read a server of that version: pg_dump refuses newer
/// servers than itself. Fault::missing names what to install.
Result<Transfer> transfer_for(int version, const std::vector<std::string>& configured,
                              const std::optional<RunUser>& user);

enum class Parts { schema, all };

/// What a dump leaves out.
struct Omissions {
  std::vector<std::string> rows_of{};  ///< tables, as `"schema"."table"`
  bool large_objects = false;
};

/// Writes what a login sees of its database to an archive, a file that is not there yet. Owners and
/// privileges are left out. No other session waits for it: when one does, for a lock of the dump,
/// the dump ends with Fault::unavailable.
Result<void> dump(const Transfer& with, const Endpoint& from, Parts parts, const Omissions& omitted,
                  const std::string& file);

/// Of an archive, without its groundwork: definitions and rows; what is built over rows, which are
/// indexes, constraints, triggers, materialized views.
enum class Section { rows, over_rows };
Result<void> restore(const Transfer& with, const std::string& file, const Endpoint& to,
                     Section section);

/// Of an archive: its schemas and extensions, which may take a superuser; everything else.
enum class Entries { groundwork, rest };

/// Fills a database from an archive, all or nothing; what is made belongs to the login.
Result<void> restore(const Transfer& with, const std::string& file, const Endpoint& to,
                     Entries entries);

/// The definitions of all that is in the database, without what differs between equal ones.
Result<std::string> definitions(const Transfer& with, const Endpoint& of);

/// Of a plain dump, the statements: no comments, settings, client commands or empty lines.
std::string statements_of(std::string_view dump);
/// The lines of an archive's table of contents that are such entries.
std::string entries_of(std::string_view contents, Entries entries);

}  // namespace bough::postgres
