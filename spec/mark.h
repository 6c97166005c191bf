#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "spec/place.h"
#include "spec/secret.h"
#include "spec/time.h"

namespace bough {

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
using Standing = std::variant<Active, Held, Detached, Suspended>;

/// Whether it is a held database whose place another one has taken.
bool is_aside(const Standing& standing);

/// The word for it: `active`, `held`, `detached`, `suspended`.
std::string word_of(const Standing& standing);

/// The commit and command digest of the last migration that succeeded, so that a lost journal does
/// not run it again.
struct Migrated {
  Commit commit;
  std::string digest;
  auto operator<=>(const Migrated&) const = default;
};

/// bough's ownership note on a server object (a PostgreSQL COMMENT).
struct Mark {
  Place place;
  DatabaseName name;   ///< the object's own name: a copied note is not believed
  int generation = 1;  ///< of the login's password
  Standing standing;
  std::optional<Migrated> migrated;
  bool opened = false;                 ///< its database was once complete: it can be missing
  std::set<std::string> extensions{};  ///< that bough made in it
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
