#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "provisioners/postgres/session.h"
#include "spec/observed.h"
#include "spec/secret.h"

namespace bough::postgres {

/// All databases and roles (without the server's own pg_*), in one query.
std::string contents_query();

/// One text over the same rows: of row versions where the catalogue shows them, which costs less
/// than the values.
std::string fingerprint_query();
Contents read_contents(const Rows& rows, int version, const Key& key);

/// The value of a setting of time, such as `90s` or `1min`; nothing for none and for 0, which is no
/// limit.
std::optional<std::chrono::milliseconds> milliseconds_of(const std::string& setting);
bool is_on(std::string_view setting);

/// What decides whether one database and its role may be written to.
struct Facts {
  struct Role {
    bool elevated = false;  ///< has a privilege that no branch role may have
    std::optional<Mark> mark;
    std::optional<Mark> strayed{};
    bool claimed = false;  ///< bears the mark of some bough, be it ours or not
    std::optional<StockMark> stock{};
  };
  struct Database {
    std::string owner;
    bool open = false;    ///< takes connections
    bool broken = false;  ///< left by an interrupted drop
    std::optional<Mark> mark;
    std::optional<Mark> strayed{};
    bool claimed = false;
    std::optional<StockMark> stock{};
  };
  bool lease = false;      ///< our lease still stands
  bool superuser = false;  ///< we are
  std::optional<Role> role;
  std::optional<Database> database;
};

/// Prepares, once per session, the question about a database and role; see facts_query().
const std::string& facts_preparation();

/// Asks for one row about the database and role of that name, and whether the lease of that holder
/// (see Lease::holder) still stands. REQUIRES a fit name and facts_preparation().
std::string facts_query(const std::string& name, const std::string& holder);
Facts read_facts(const Rows& rows, const std::string& name, const Key& key);

}  // namespace bough::postgres
