// How copies from before a migration are made, exchanged and dropped.
#include <fmt/format.h>

#include "provisioners/postgres/images.h"
#include "provisioners/postgres/sending.h"
#include "provisioners/postgres/server.h"

namespace bough::postgres {
namespace {

Target called(const Target& at, const DatabaseName& name) {
  return {at.instance, at.place, name};
}

/// Whatever it comes to, the database is open again afterwards.
Result<void> copy(Session& session, const KeepImage& keep, const std::string& mark) {
  auto ended = end_all(session, end_visits(keep.at.name), keep.at.name);
  auto copied = ended ? send(session, joined(copying(keep)), kLongWork) : ended;
  if (copied) return send(session, "BEGIN;" + joined(opening(keep, mark)) + "COMMIT;");
  static_cast<void>(send(session, opening(keep, mark).back()));
  return copied;
}

}  // namespace

Result<void> Server::carry_out(const KeepImage& keep) {
  const std::string mark = encode(keep.image, key_);
  return fenced(keep.at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto there = look(session, called(keep.at, keep.image.name), "");
    if (!there) return there.error();
    auto first = writes(keep, facts, *there);
    if (!first) return first.error();
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
    if (auto ended = end_all(session, end_visits(put.at.name), put.at.name); !ended) return ended;
    return send(session,
                "BEGIN;" + joined(exchange(put, marks, facts.role.has_value())) + "COMMIT;");
  });
}

Result<void> Server::carry_out(const DropImage& drop) {
  return fenced(drop.at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto there = look(session, called(drop.at, drop.image), "");
    if (!there) return there.error();
    auto statements = writes(drop, facts, *there);
    if (!statements) return statements.error();
    return send(session, joined(*statements), kLongWork);
  });
}

}  // namespace bough::postgres
