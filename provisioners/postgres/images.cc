#include "provisioners/postgres/images.h"

#include <fmt/format.h>

#include "provisioners/postgres/quote.h"

namespace bough::postgres {
namespace {

std::string quoted(const DatabaseName& name) {
  return identifier(name.text());
}

std::string allow(const DatabaseName& name, bool connections) {
  return fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS {};", quoted(name), connections);
}

std::string rename(const DatabaseName& from, const DatabaseName& to) {
  return fmt::format("ALTER DATABASE {} RENAME TO {};", quoted(from), quoted(to));
}

Error refused(const DatabaseName& name, std::string_view why) {
  return {Fault::refused,
          fmt::format("database {} {}, so it is not touched", printable(name.text()), why)};
}

bool marked_for(const std::optional<Mark>& mark, const Place& place) {
  return mark && mark->place == place;
}

/// Whether what has the copy's name is one of ours, be it half made.
bool is_copy(const Target& of, const Facts& facts, const Facts& there) {
  const Facts::Database& copy = *there.database;
  if (copy.mark)
    return marked_for(copy.mark, of.place) && std::holds_alternative<Image>(copy.mark->standing);
  const bool our_role = facts.role && marked_for(facts.role->mark, of.place);
  return our_role && !copy.open && copy.owner == of.name.text();
}

Result<void> need_branch_database(const Target& at, const Facts& facts) {
  if (is_production(at.place.home.environment))
    return Error{Fault::refused, "a production database is never put back by a step"};
  if (!facts.database)
    return Error{Fault::stale,
                 fmt::format("database {} is not there any more", printable(at.name.text()))};
  if (!marked_for(facts.database->mark, at.place)) return refused(at.name, "is not bough's");
  if (facts.role && !marked_for(facts.role->mark, at.place))
    return refused(at.name, "has a role that is not bough's");
  return {};
}

}  // namespace

Statements closing(const KeepImage& keep) {
  return {allow(keep.at.name, false)};
}

// Owned by the branch's role until it is marked: that tells a half-made one from a stranger's.
Statements copying(const KeepImage& keep) {
  return {fmt::format("CREATE DATABASE {} OWNER {} TEMPLATE {} ALLOW_CONNECTIONS false;",
                      quoted(keep.image.name), quoted(keep.at.name), quoted(keep.at.name))};
}

Statements opening(const KeepImage& keep, const std::string& mark) {
  return {fmt::format("ALTER DATABASE {} OWNER TO CURRENT_USER;", quoted(keep.image.name)),
          mark_database(keep.image.name, mark), allow(keep.at.name, true)};
}

Statements closing(const PutBack& put) {
  return {allow(put.at.name, false)};
}

Statements exchange(const PutBack& put, const Marks& marks, bool login) {
  const DatabaseName& name = put.at.name;
  const DatabaseName& image = put.image.name;
  const DatabaseName between = aside_name(image, 0);
  Statements all{rename(name, between), rename(image, name), rename(between, image),
                 fmt::format("ALTER DATABASE {} OWNER TO CURRENT_USER;", quoted(image)),
                 fmt::format("REVOKE ALL ON DATABASE {} FROM PUBLIC;", quoted(name))};
  if (login) {
    all.push_back(fmt::format("ALTER DATABASE {} OWNER TO {};", quoted(name), quoted(name)));
    all.push_back(fmt::format("GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {} TO {};",
                              quoted(name), quoted(name)));
  }
  all.push_back(mark_database(image, marks.image));
  all.push_back(mark_database(name, marks.database));
  all.push_back(allow(name, true));
  return all;
}

Statements statements(const DropImage& drop) {
  return {fmt::format("DROP DATABASE {} WITH (FORCE);", quoted(drop.image))};
}

Result<Statements> writes(const KeepImage& keep, const Facts& facts, const Facts& there) {
  if (auto may = need_branch_database(keep.at, facts); !may) return may.error();
  if (!facts.role)
    return Error{Fault::stale,
                 fmt::format("role {} is not there any more", printable(keep.at.name.text()))};
  if (!there.database) return Statements{};
  if (!is_copy(keep.at, facts, there)) return refused(keep.image.name, "is not bough's");
  return statements(DropImage{keep.at, keep.image.name});
}

Result<bool> exchanges(const PutBack& put, const Facts& facts, const Facts& there) {
  if (auto may = need_branch_database(put.at, facts); !may) return may.error();
  if (!there.database)
    return Error{Fault::stale, fmt::format("the copy {} is not there any more",
                                           printable(put.image.name.text()))};
  if (!there.database->mark || !is_copy(put.at, facts, there))
    return refused(put.image.name, "is not bough's");
  return std::get<Image>(there.database->mark->standing).attempted.has_value();
}

Result<Statements> writes(const DropImage& drop, const Facts& facts, const Facts& there) {
  if (!there.database) return Statements{};
  if (!is_copy(drop.at, facts, there)) return refused(drop.image, "is not bough's");
  return statements(drop);
}

}  // namespace bough::postgres
