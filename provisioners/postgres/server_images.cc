// How copies from before a migration are made, exchanged and dropped.
#include <fmt/format.h>

#include "provisioners/postgres/database_settings.h"
#include "provisioners/postgres/images.h"
#include "provisioners/postgres/sending.h"
#include "provisioners/postgres/server.h"

namespace bough::postgres {
namespace {

Target called(const Target& at, const DatabaseName& name) {
  return {at.instance, at.place, name};
}

Result<void> open_both(Session& session, const KeepImage& keep, const std::string& mark) {
  auto rows = session.run(settings_query(keep.at.name));
  if (!rows) return rows.error();
  const std::string all =
      joined(settings(*rows, keep.image.name, keep.at.name)) + joined(opening(keep, mark));
  auto sent = send(session, "BEGIN;" + all + "COMMIT;");
  if (!sent) static_cast<void>(send(session, "ROLLBACK;"));
  return sent;
}

/// Whatever it comes to, the database is open again afterwards.
Result<void> copy(Session& session, const KeepImage& keep, const std::string& mark) {
  auto ended = end_all(session, end_visits(keep.at.name), keep.at.name);
  auto copied = ended ? send(session, joined(copying(keep)), kLongWork) : ended;
  if (copied) copied = open_both(session, keep, mark);
  if (!copied) static_cast<void>(send(session, opening(keep, mark).back()));
  return copied;
}

/// Whatever it comes to, a database of the name is open afterwards.
Result<void> exchange_alone(Session& session, const PutBack& put, const Statements& statements) {
  auto done = end_all(session, end_visits(put.at.name), put.at.name);
  if (done) done = send(session, "BEGIN;" + joined(statements) + "COMMIT;");
  if (done) return done;
  static_cast<void>(send(session, "ROLLBACK;"));
  static_cast<void>(send(session, statements.back()));
  return done;
}

}  // namespace

Result<void> Server::carry_out(const KeepImage& keep) {
  const std::string mark = encode(keep.image, key_);
  return fenced(keep.at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto there = look(session, called(keep.at, keep.image.name), "");
    if (!there) return there.error();
    auto first = writes(keep, facts, *there);
    if (!first) return first.error();
    if (!first->empty())
      if (auto dropped = send(session, joined(*first), kLongWork); !dropped) return dropped;
    if (auto closed = send(session, joined(closing(keep))); !closed) return closed;
    return copy(session, keep, mark);
  });
}

Result<void> Server::carry_out(const PutBack& put) {
  const Marks marks{encode(put.mark, key_), encode(put.image, key_)};
  return fenced(put.at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto there = look(session, called(put.at, put.image.name), "");
    if (!there) return there.error();
    auto needed = exchanges(put, facts, *there);
    if (!needed || !*needed) return needed ? Result<void>() : needed.error();
    if (auto closed = send(session, joined(closing(put))); !closed) return closed;
    return exchange_alone(session, put, exchange(put, marks, facts.role.has_value()));
  });
}

Result<void> Server::carry_out(const DropImage& drop) {
  return fenced(drop.at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto there = look(session, called(drop.at, drop.image), "");
    if (!there) return there.error();
    auto statements = writes(drop, facts, *there);
    if (!statements) return statements.error();
    return statements->empty() ? Result<void>() : send(session, joined(*statements), kLongWork);
  });
}

}  // namespace bough::postgres
