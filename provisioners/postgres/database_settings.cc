#include "provisioners/postgres/database_settings.h"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "provisioners/postgres/quote.h"

namespace bough::postgres {
namespace {

/// The server keeps these as lists of quoted names; as one literal they would be one name.
bool is_list(std::string_view name) {
  static const std::set<std::string_view> kLists{"local_preload_libraries", "search_path",
                                                 "session_preload_libraries",
                                                 "shared_preload_libraries", "temp_tablespaces"};
  return kLists.contains(name);
}

/// Takes one name off the front of the list, as the server reads it.
std::string take_name(std::string_view& list) {
  std::string name;
  const bool quoted = list.starts_with('"');
  if (quoted) list.remove_prefix(1);
  while (!list.empty()) {
    const char next = list.front();
    if (quoted ? next == '"' && !list.starts_with("\"\"") : next == ',' || next == ' ') break;
    list.remove_prefix(quoted && next == '"' ? 2 : 1);
    name += next;
  }
  if (quoted && !list.empty()) list.remove_prefix(1);
  while (list.starts_with(' ') || list.starts_with(',')) list.remove_prefix(1);
  return name;
}

}  // namespace

std::string settings_query(const DatabaseName& name) {
  return fmt::format(
      "SELECT s.setrole <> 0, pg_catalog.unnest(s.setconfig) FROM pg_catalog.pg_db_role_setting s "
      "JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_catalog.pg_roles r ON "
      "r.oid = s.setrole WHERE d.datname = {} AND (s.setrole = 0 OR r.rolname = {});",
      literal(name.text()), literal(name.text()));
}

std::string setting_value(std::string_view name, std::string_view value) {
  if (!is_list(name) || value.empty()) return literal(value);
  std::vector<std::string> names;
  while (!value.empty()) names.push_back(literal(take_name(value)));
  return fmt::format("{}", fmt::join(names, ", "));
}

Statements settings(const Rows& rows, const DatabaseName& to, const DatabaseName& login) {
  Statements all;
  for (const Row& row : rows) {
    const std::string setting = row[1].value_or("");
    const std::string name = setting.substr(0, setting.find('='));
    const std::string whose =
        row[0] == "t"
            ? fmt::format("ROLE {} IN DATABASE {}", identifier(login.text()), identifier(to.text()))
            : fmt::format("DATABASE {}", identifier(to.text()));
    all.push_back(fmt::format("ALTER {} SET {} TO {};", whose, identifier(name),
                              setting_value(name, setting.substr(name.size() + 1))));
  }
  return all;
}

}  // namespace bough::postgres
