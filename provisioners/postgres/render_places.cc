// Of databases that come to places; render.cc has the rest.
#include <fmt/format.h>

#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/render.h"

namespace bough::postgres {
namespace {

std::string name_of(const Target& at) {
  return identifier(at.name.text());
}

Statements closed(const Target& at) {
  return {fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS false;", name_of(at))};
}

}  // namespace

Statements closing(const PutInPlace& put) {
  return closed(put.at);
}
Statements closing(const DropDatabase& drop) {
  return closed(drop.at);
}

Statements statements(const PutInPlace& put, const Fill& fill) {
  const std::string name = identifier(put.mark.name.text());
  Statements all{fmt::format("ALTER DATABASE {} RENAME TO {};", name_of(put.at), name)};
  const Target there{put.at.instance, put.at.place, put.mark.name};
  for (std::string& one : statements(GrantAccess{there, put.mark}, fill))
    all.push_back(std::move(one));
  return all;
}

Statements statements(const MoveDatabase& move, const Fill& fill) {
  return {mark_role(move.at.name, fill.mark), mark_database(move.at.name, fill.mark)};
}

Statements statements(const AdoptDatabase& adopt, const Fill& fill) {
  const std::string name = name_of(adopt.at);
  const std::string& owner = adopt.mark.owner;
  const bool is_owner = owner.empty() && !adopt.reown;
  Statements all{is_owner
                     ? fmt::format("ALTER ROLE {} LOGIN PASSWORD {};", name, literal(fill.verifier))
                     : fmt::format("CREATE ROLE {} LOGIN {} PASSWORD {};", name, kNoPrivileges,
                                   literal(fill.verifier))};
  if (!owner.empty()) {
    // What the login makes belongs to the owner, as if the owner had made it.
    all.push_back(fmt::format("GRANT {} TO {};", identifier(owner), name));
    all.push_back(
        fmt::format("ALTER ROLE {0} IN DATABASE {0} SET role = {1};", name, literal(owner)));
  }
  all.push_back(fmt::format("REVOKE ALL ON DATABASE {} FROM PUBLIC;", name));
  all.push_back(fmt::format("GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {} TO {};", name, name));
  all.push_back(mark_role(adopt.at.name, fill.mark));
  all.push_back(mark_database(adopt.at.name, fill.mark));
  return all;
}

}  // namespace bough::postgres
