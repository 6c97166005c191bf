// What a server keeps ready for the databases of branches; server.cc has the databases themselves.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "provisioners/postgres/cloning.h"
#include "provisioners/postgres/copying.h"
#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/rules.h"
#include "provisioners/postgres/sending.h"
#include "provisioners/postgres/server.h"

namespace bough::postgres {
namespace {

Instant clock_now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// A name of what is kept ready is ours by its note, or by the note of the role that owns it.
Result<void> ours_or_absent(const Target& at, const Facts& facts) {
  const bool role = !facts.role || facts.role->stock;
  const bool database = !facts.database || facts.database->stock ||
                        (facts.role && facts.database->owner == at.name.text());
  if (role && database) return {};
  return Error{Fault::refused, fmt::format("{} exists and is not bough's, so it is not touched",
                                           printable(at.name.text()))};
}

Error being_made(const DatabaseName& name) {
  return {Fault::locked, name.text() + " is being made by another; try again"};
}

/// PostgreSQL's own message says what to do about the template, which is bough's.
Error why_not_copied(const Error& error) {
  if (error.message.find("collation version mismatch") == std::string::npos) return error;
  return within(
      "the template was made with another version of the system's collations: make it "
      "anew with bough refresh",
      error);
}

}  // namespace

/// What to do when another thread has the name.
enum class Busy { give_up, wait };

/// Keeps a name busy while it lives.
class Server::Making {
 public:
  Making(Server& server, const DatabaseName& name, Busy busy = Busy::give_up)
      : server_(server), name_(name.text()) {
    std::unique_lock lock(server_.making_mutex_);
    if (busy == Busy::wait)
      server_.made_.wait(lock, [&] { return !server_.making_.contains(name_); });
    mine_ = server_.making_.insert(name_).second;
  }
  Making(const Making&) = delete;
  Making& operator=(const Making&) = delete;
  ~Making() {
    const std::lock_guard guard(server_.making_mutex_);
    if (mine_) server_.making_.erase(name_);
    server_.made_.notify_all();
  }
  bool mine() const { return mine_; }

 private:
  Server& server_;
  std::string name_;
  bool mine_ = false;
};

Target Server::target_of(const Stock& stock, const DatabaseName& name) const {
  return {instance_, {{stock.repository, stock.app, Production{}}, stock.component}, name};
}

Target Server::target_of(const Kept& kept) const {
  Target at = target_of(kept.stock, kept.name);
  at.instance = kept.instance;
  return at;
}

/// Drops what is there of that name, finished or not.
Result<void> Server::clear(Session& session, const Target& at) {
  auto facts = look(session, at, "");
  if (!facts) return facts.error();
  if (auto ours = ours_or_absent(at, *facts); !ours) return ours;
  if (facts->database)
    if (auto dropped = send_each(session, dropping_database(at.name)); !dropped) return dropped;
  return facts->role ? send_each(session, dropping_role(at.name)) : Result<void>();
}

/// Finished templates of the stock, the newest last.
Result<std::vector<StockMark>> Server::templates_of(Session& session, const Stock& stock) {
  auto rows = session.run(contents_query());
  if (!rows) return rows.error();
  std::vector<StockMark> result;
  for (const auto& [name, seen] : read_contents(*rows, session.version(), key_).stock)
    if (seen.mark.stock == stock && seen.mark.state == StockState::ready_template)
      result.push_back(seen.mark);
  std::sort(result.begin(), result.end(),
            [](const StockMark& a, const StockMark& b) { return a.read < b.read; });
  return result;
}

Strategy Server::strategy(Session& session, const DatabaseName& source) const {
  auto rows =
      session.run(fmt::format("SELECT pg_catalog.pg_database_size({}), "
                              "pg_catalog.current_setting('file_copy_method', true) = 'clone';",
                              literal(source.text())));
  if (!rows || rows->empty()) return Strategy::files;
  long long bytes = 0;
  const std::string text = rows->front()[0].value_or("");
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  const bool configured = rows->front()[1] == "t";
  return strategy_for({session.version(), bytes, configured || clones_files(data_folder_)});
}

/// All that belongs to `owner` in the spare becomes `to`'s, by a session in that database.
Result<void> Server::own_all(Session& session, const StockMark& spare, const DatabaseName& owner,
                             const DatabaseName& to) {
  StockMark unfinished = spare;
  unfinished.state = StockState::unfinished;
  if (auto open = send_together(session, opening_for_us(spare.name, encode(unfinished, key_)));
      !open)
    return open;
  auto inside = session_in(spare.name);
  if (!inside) return inside.error();
  if (auto patient = send(**inside, "SET statement_timeout = '29min';"); !patient) return patient;
  auto rows = (*inside)->run(schemas_of(owner));
  if (!rows) return rows.error();
  std::vector<std::string> schemas;
  for (const Row& row : *rows) schemas.push_back(row[0].value_or(""));
  return send_together(**inside, handing_over(owner, to, schemas));
}

Result<void> Server::make_spare(Session& session, const Target& at, const Stock& stock) {
  StockMark mark{stock, at.name, StockState::unfinished, Instant{}};
  std::optional<DatabaseName> source;
  if (stock.what != Copy::none) {
    auto templates = templates_of(session, stock);
    if (!templates) return templates.error();
    if (templates->empty())
      return Error{Fault::stale, "there is no template of " + description_of(stock.what) + " yet"};
    source = templates->back().name;
    mark.read = templates->back().read;
  }
  if (auto cleared = clear(session, at); !cleared) return cleared;
  Statements role = making_role(at.name, {"", encode(mark, key_)});
  role.push_back(join_role(at.name, session.version()));
  if (auto made = send_together(session, role); !made) return made;
  const Strategy way = source ? strategy(session, *source) : Strategy::log;
  const std::string from = source ? source->text() : "";
  if (auto made = send_each(session, making_database(at.name, from, session.version(), way)); !made)
    return why_not_copied(made.error());
  if (source)
    if (auto owned = own_all(session, mark, *source, at.name); !owned) return owned;
  mark.state = StockState::spare;
  return send_together(session, finishing_spare(at.name, encode(mark, key_)));
}

Result<void> Server::carry_out(const MakeSpare& make) {
  const Target at = target_of(make.kept);
  const Making making(*this, at.name);
  if (!making.mine()) return being_made(at.name);
  return fenced(
      at, [&](Session& session, const Facts&) { return make_spare(session, at, make.kept.stock); });
}

Result<void> Server::carry_out(const DropStock& drop) {
  const Target at = target_of(drop.kept);
  const Making making(*this, at.name);
  if (!making.mine()) return being_made(at.name);
  return fenced(at, [&](Session& session, const Facts&) { return clear(session, at); });
}

/// One transaction, so a spare is a spare or the branch's database at every instant.
Result<void> Server::take(Session& session, const CopyDatabase& copy, const Facts& facts) {
  const Target spare = target_of(copy.stock, copy.spare);
  auto there = look(session, spare, "");
  if (!there) return there.error();
  const auto usable = [&] {
    return there->role && there->database && there->database->stock &&
           there->database->stock->state == StockState::spare &&
           there->database->stock->stock == copy.stock;
  };
  if (!usable()) {
    if (auto made = make_spare(session, spare, copy.stock); !made) return made;
    there = look(session, spare, "");
    if (!there) return there.error();
    if (!usable()) return Error{Fault::stale, copy.spare.text() + " is not there any more"};
  }
  const Owner owner = facts.role ? Owner::is_there : Owner::comes_along;
  if (owner == Owner::is_there)
    if (auto owned = own_all(session, *there->database->stock, copy.spare, copy.at.name); !owned)
      return owned;
  const Fill fill{verifier(copy.at, copy.mark.generation), encode(copy.mark, key_),
                  session.version()};
  return send_together(session, taking(copy, fill, owner));
}

Result<void> Server::carry_out(const CopyDatabase& copy) {
  const Making making(*this, copy.spare, Busy::wait);
  return fenced(copy.at, [&](Session& session, const Facts& facts) -> Result<void> {
    auto needed = may_be_made(copy, facts);
    if (!needed) return needed.error();
    return *needed ? take(session, copy, facts) : Result<void>();
  });
}

Result<void> Server::carry_out(const FillTemplate&) {
  return Error{Fault::broken, "a template is filled from production, which fill() reads"};
}

/// An empty database that only its role and we can reach, marked as unfinished.
Result<void> Server::begin_template(const FillTemplate& fill) {
  const Target at = target_of(fill.kept);
  const StockMark mark{fill.kept.stock, at.name, StockState::unfinished, Instant{}};
  return fenced(at, [&](Session& session, const Facts&) -> Result<void> {
    if (auto cleared = clear(session, at); !cleared) return cleared;
    Statements role = making_role(at.name, {verifier(at, 1), encode(mark, key_)});
    role.push_back(join_role(at.name, session.version()));
    if (auto made = send_together(session, role); !made) return made;
    if (auto made =
            send_each(session, making_database(at.name, "", session.version(), Strategy::log));
        !made)
      return made;
    Statements open = opening_for_us(at.name, encode(mark, key_));
    open.push_back(fmt::format("GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {0} TO {0};",
                               identifier(at.name.text())));
    return send_together(session, open);
  });
}

Result<void> Server::finish_template(const FillTemplate& fill, Instant read) {
  const Target at = target_of(fill.kept);
  const StockMark mark{fill.kept.stock, at.name, StockState::ready_template, read};
  return fenced(at, [&](Session& session, const Facts& facts) -> Result<void> {
    if (!facts.database || !facts.database->stock)
      return Error{Fault::stale, at.name.text() + " is not there any more"};
    if (auto ended = end_all(session, end_visits(at.name), at.name); !ended) return ended;
    return send_together(session, finishing_template(at.name, encode(mark, key_)));
  });
}

/// Those that are still being copied stay until the next time.
Result<void> Server::drop_older(const FillTemplate& fill) {
  const Target at = target_of(fill.kept);
  return fenced(at, [&](Session& session, const Facts&) -> Result<void> {
    auto templates = templates_of(session, fill.kept.stock);
    if (!templates) return templates.error();
    for (const StockMark& one : *templates)
      if (one.name != at.name) static_cast<void>(clear(session, target_of(one.stock, one.name)));
    return {};
  });
}

Result<void> Server::fill(const FillTemplate& fill, const Endpoint& from, const CopyTools& with) {
  const Target at = target_of(fill.kept);
  const Making making(*this, at.name);
  if (!making.mine()) return being_made(at.name);
  const Instant read = std::max(clock_now(), fill.since);
  if (auto begun = begin_template(fill); !begun) return within(instance_.text(), begun.error());
  const Mark login{at.place, at.name, 1, Active{}, std::nullopt};
  auto done =
      copy_production({fill, from, endpoint(login), login_->to(at.name.text())}, with, key_);
  if (done) done = finish_template(fill, read);
  if (done) return drop_older(fill);
  // Half a template is of no use to anybody, and may hold what was not masked yet.
  static_cast<void>(fenced(at, [&](Session& session, const Facts&) { return clear(session, at); }));
  return done;
}

}  // namespace bough::postgres
