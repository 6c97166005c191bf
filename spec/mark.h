#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "spec/place.h"
#include "spec/secret.h"
#include "spec/time.h"

namespace bough {

/// The commit and command digest of commands that succeeded, so that a lost journal does not run
/// them again.
struct Migrated {
  Commit commit;
  std::string digest;
  auto operator<=>(const Migrated&) const = default;
};

/// What bough lets a database do.
struct Active {
  auto operator<=>(const Active&) const = default;
};
/// A deletion that waits: login withdrawn, data kept. `ask`: a person must confirm what follows.
/// `aside`: another database has taken its place and name.
struct Held {
  Instant since;
  bool ask = false;
  bool aside = false;
  auto operator<=>(const Held&) const = default;
};
/// A production database that Git no longer asks for: login withdrawn, data kept for ever.
struct Detached {
  Instant since;
  auto operator<=>(const Detached&) const = default;
};
/// Login withdrawn by command until `bough resume`.
struct Suspended {
  Instant since;
  auto operator<=>(const Suspended&) const = default;
};
/// A copy of a branch's database as it was before a migration, which nobody can enter. `attempted`
/// is the migration that was begun since; without it the copy is of no use any more.
struct Image {
  Instant since;
  std::optional<Migrated> attempted{};
  auto operator<=>(const Image&) const = default;
};
/// A copy that is being filled or checked: nothing is in it that is not elsewhere too.
struct Scratch {
  Instant since;
  auto operator<=>(const Scratch&) const = default;
};
using Standing = std::variant<Active, Held, Detached, Suspended, Image, Scratch>;

/// Whether it is a held database whose place another one has taken.
bool is_aside(const Standing& standing);
/// Whether it is the database of its place: neither aside nor a copy.
bool in_place(const Standing& standing);

/// The word for it: `active`, `held`, `detached`, `suspended`, `image`, `scratch`.
std::string word_of(const Standing& standing);

/// bough's ownership note on a server object (a PostgreSQL COMMENT).
struct Mark {
  Place place;
  DatabaseName name;   ///< the object's own name: a copied note is not believed
  int generation = 1;  ///< of the login's password
  Standing standing;
  std::optional<Migrated> migrated;     ///< by the last migration that succeeded
  std::optional<std::string> seeded{};  ///< what it was seeded with (seed_digest)
  std::optional<Migrated> released{};  ///< by jobs after the deployment; of a home's first database
  bool opened = false;                 ///< its database was once complete: it can be missing
  std::set<std::string> extensions{};  ///< that bough made in it
  bool adopted = false;                ///< by command: who could connect still may, by name
  std::string owner{};  ///< of an adopted database that its login does not own: who does
  std::optional<Instant> renewed{};  ///< when a command last asked that it stays
  bool operator==(const Mark&) const = default;
};

/// The identifier of a database that bough made: derived from the key, so it cannot be guessed or
/// copied to another place (16 hexadecimal digits).
std::string uid_of(const Mark& mark, const Key& key);

/// One line of text with uid and authentication code.
std::string encode(const Mark& mark, const Key& key);

/// The mark of a text that encode made under this key for the object `name`; nothing for any other
/// text, be it foreign, altered, or copied from another object.
std::optional<Mark> decode(std::string_view text, std::string_view name, const Key& key);

/// The mark of a text that encode made under this key for an object of another name than this: the
/// object was renamed, or the text copied.
std::optional<Mark> decode_strayed(std::string_view text, std::string_view name, const Key& key);

}  // namespace bough
