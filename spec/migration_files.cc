#include "spec/migration_files.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "spec/config.h"

namespace bough {
namespace {

/// How the files that run once are named.
enum class Naming {
  numbered,   ///< a number or time first: `0001_…`, `20240131_…`
  versioned,  ///< Flyway's: `V1__…`; its `R__…` are meant to be edited
  any,
};
struct Usual {
  std::string_view folder;
  Naming naming;
};
constexpr std::array kUsual{
    Usual{"db/migrations", Naming::numbered},  // dbmate, goose
    Usual{"migrations", Naming::numbered},     // node-pg-migrate, knex, golang-migrate, sqlx
    Usual{"prisma/migrations", Naming::numbered},
    Usual{"drizzle", Naming::numbered},
    Usual{"drizzle/migrations", Naming::numbered},
    Usual{"alembic/versions", Naming::any},
    Usual{"migrations/versions", Naming::any},  // Flask-Migrate
    Usual{"db/migrate", Naming::numbered},      // Rails
    Usual{"supabase/migrations", Naming::numbered},
    Usual{"database/migrations", Naming::numbered},   // Laravel
    Usual{"priv/repo/migrations", Naming::numbered},  // Ecto
    Usual{"src/main/resources/db/migration", Naming::versioned},
};
constexpr std::array<std::string_view, 13> kEndings{".sql", ".js",  ".ts",  ".mjs", ".cjs",
                                                    ".mts", ".cts", ".py",  ".rb",  ".php",
                                                    ".go",  ".exs", ".java"};

bool runs(std::string_view name) {
  // What undoes a migration does not change what was done.
  const bool undoes = name.find(".down.") != std::string_view::npos ||
                      name.ends_with("/down.sql") || name == "down.sql";
  return !undoes && std::any_of(kEndings.begin(), kEndings.end(),
                                [&](std::string_view ending) { return name.ends_with(ending); });
}

bool digit_at(std::string_view name, std::size_t index) {
  return index < name.size() && std::isdigit(static_cast<unsigned char>(name[index])) != 0;
}

bool fits(std::string_view name, Naming naming) {
  switch (naming) {
    case Naming::numbered:
      return digit_at(name, 0);
    case Naming::versioned:
      return name.starts_with('V') && digit_at(name, 1);
    case Naming::any:
      return !name.starts_with("__");
  }
  return false;
}

bool is_usual(std::string_view path) {
  return std::any_of(kUsual.begin(), kUsual.end(), [&](const Usual& usual) {
    if (!path.starts_with(usual.folder) || path.size() <= usual.folder.size() ||
        path[usual.folder.size()] != '/')
      return false;
    const std::string_view name = path.substr(usual.folder.size() + 1);
    return fits(name, usual.naming) && runs(name);
  });
}

/// The folder that a pattern names before its first wildcard.
std::string folder_of(std::string_view pattern) {
  const std::string_view plain = pattern.substr(0, pattern.find_first_of("*?"));
  const std::size_t end = plain.rfind('/');
  return std::string(end == std::string_view::npos ? "" : plain.substr(0, end));
}

}  // namespace

bool is_migration(std::string_view path, const std::vector<std::string>& patterns) {
  if (patterns.empty()) return is_usual(path);
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return glob_matches(pattern, path); });
}

std::vector<std::string> migration_folders(const std::vector<std::string>& patterns) {
  std::vector<std::string> folders;
  for (const std::string& pattern : patterns) folders.push_back(folder_of(pattern));
  if (patterns.empty())
    for (const Usual& usual : kUsual) folders.emplace_back(usual.folder);
  return folders;
}

}  // namespace bough
