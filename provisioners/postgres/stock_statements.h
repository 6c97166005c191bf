#pragma once

#include <string>

#include "provisioners/postgres/render.h"

namespace bough::postgres {

/// How CREATE DATABASE copies a template: page by page through the log; as files, after a
/// checkpoint; as files that share their blocks.
enum class Strategy { log, files, clone };

/// What is to be copied, and where.
struct CopyTask {
  int version = 0;         ///< the server's major version
  long long bytes = 0;     ///< of the template
  bool can_clone = false;  ///< the server's file system shares blocks between files
};

/// The fastest: the log costs what the pages do, files cost two checkpoints
/// (tests/bench/copies.sh).
Strategy strategy_for(const CopyTask& task);

/// A role for something that is kept ready, marked. `verifier`: it may log in; empty: not.
Statements making_role(const DatabaseName& name, const Fill& fill);

/// The database, owned by its role and closed. An empty `source` stands for an empty database.
/// The first statement of a clone and the last one set the session up and back.
Statements making_database(const DatabaseName& name, const std::string& source, int version,
                           Strategy strategy);

/// Lets us in, and nobody else but a superuser. The role keeps no way in of its own.
Statements opening_for_us(const DatabaseName& name, const std::string& mark);

/// The schemas of a role, in the session's database.
std::string schemas_of(const DatabaseName& owner);

/// Gives the role what belongs to `from` in the session's database; `schemas` are those of `from`.
Statements handing_over(const DatabaseName& from, const DatabaseName& to,
                        const std::vector<std::string>& schemas);

/// A finished spare: closed, marked with its role.
Statements finishing_spare(const DatabaseName& name, const std::string& mark);

/// A finished template: ours, its role has no way in.
Statements finishing_template(const DatabaseName& name, const std::string& mark);

/// Whether the spare's role takes the name too, or a role of that name is there already.
enum class Owner { comes_along, is_there };

/// Puts a spare into the place of a branch's database. REQUIRES that nobody is in it.
Statements taking(const CopyDatabase& copy, const Fill& fill, Owner owner);

Statements dropping_database(const DatabaseName& name);
Statements dropping_role(const DatabaseName& name);

}  // namespace bough::postgres
