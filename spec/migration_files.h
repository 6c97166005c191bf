#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bough {

/// The migration files of a commit: path → object id of what is in it.
using MigrationFiles = std::map<std::string, std::string>;

/// What migrations changed in a database so far, as far as Git and the journal can tell.
struct History {
  /// A commit whose files cannot be told any more: neither the same nor others.
  bool known = true;
  MigrationFiles applied;    ///< of the last commit that was migrated to
  MigrationFiles attempted;  ///< of runs since then that did not succeed
  bool operator==(const History&) const = default;
};

/// Whether the file is one that a migration tool runs once: by the operator's patterns, else by the
/// folders and names of well-known tools.
bool is_migration(std::string_view path, const std::vector<std::string>& patterns);

/// The folders that hold all such files; an empty name is the root.
std::vector<std::string> migration_folders(const std::vector<std::string>& patterns);

}  // namespace bough
