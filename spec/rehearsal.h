#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace bough {

/// A lock on a table that was there before, strong enough to make writers or readers wait.
struct LockTaken {
  std::string table;  ///< `public.orders`
  std::string mode;   ///< in the server's words, such as `AccessExclusiveLock`
  auto operator<=>(const LockTaken&) const = default;
};

/// A statement that took such locks, and how long it and its transaction kept them.
struct LockingStatement {
  std::string text;
  std::string tag;  ///< `ALTER TABLE`; empty for a lock that was first seen while `text` ran
  std::vector<LockTaken> locks;
  std::chrono::milliseconds held{0};
  bool operator==(const LockingStatement&) const = default;
};

/// A table whose whole content was written anew.
struct RewrittenTable {
  std::string table;
  long long rows = 0;
  long long bytes = 0;
  bool operator==(const RewrittenTable&) const = default;
};

/// Rows of a table that was there before.
struct TouchedTable {
  std::string table;
  long long inserted = 0;
  long long updated = 0;
  long long deleted = 0;
  bool operator==(const TouchedTable&) const = default;
};

/// A table, or a column of one that is still there, that is gone with what it held.
struct Loss {
  std::string table;
  std::string column;  ///< empty: the whole table
  long long rows = 0;
  bool operator==(const Loss&) const = default;
};

/// What a migration did to a database beside changing its definitions.
struct Sightings {
  std::vector<LockingStatement> statements;
  std::vector<RewrittenTable> rewritten;
  std::vector<TouchedTable> touched;
  std::vector<Loss> lost;
  bool operator==(const Sightings&) const = default;
};

}  // namespace bough
