#include "provisioners/postgres/sightings.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

namespace bough::postgres {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kInterval(5);

/// What was there before, and the triggers that take notes. Unqualified names are looked for in
/// pg_catalog first, and nothing of the database's own is called.
constexpr const char* kBegin = R"sql(
SET search_path = pg_catalog, pg_temp;
CREATE SCHEMA bough_rehearsal;
CREATE TABLE bough_rehearsal.tables AS
  SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, c.relkind, c.relfilenode,
         greatest(pg_stat_get_live_tuples(c.oid), c.reltuples, 0)::bigint AS rows,
         pg_table_size(c.oid) AS bytes
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT LIKE 'pg\_%'
    AND n.nspname NOT IN ('information_schema', 'bough_rehearsal');
CREATE TABLE bough_rehearsal.columns AS
  SELECT a.attrelid, a.attnum, a.attname::text AS name
  FROM pg_attribute a JOIN bough_rehearsal.tables t ON t.oid = a.attrelid
  WHERE a.attnum > 0 AND NOT a.attisdropped;
CREATE TABLE bough_rehearsal.notes
  (at serial, tag text, statement text, begun timestamptz, locks text);
CREATE FUNCTION bough_rehearsal.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $note$
BEGIN
  INSERT INTO bough_rehearsal.notes (tag, statement, begun, locks)
    SELECT tg_tag, current_query(), statement_timestamp(),
           string_agg(l.mode || ' ' || t.name, E'\n' ORDER BY t.name, l.mode)
    FROM pg_locks l JOIN bough_rehearsal.tables t ON t.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted
      AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    HAVING count(*) > 0;
END $note$;
SELECT pg_stat_reset();
CREATE EVENT TRIGGER bough_rehearsal ON ddl_command_end EXECUTE FUNCTION bough_rehearsal.note();
)sql";

constexpr const char* kLocks = R"sql(
SELECT a.pid || ' ' || coalesce(a.xact_start::text, ''), l.mode, t.name, a.query
FROM pg_locks l JOIN bough_rehearsal.tables t ON t.oid = l.relation
  JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid() AND a.datname =
  current_database() AND a.usename <> current_user
  AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock');
)sql";

constexpr const char* kNotes = R"sql(
SELECT xmin::text, tag, statement,
       (extract(epoch FROM pg_xact_commit_timestamp(xmin) - begun) * 1000)::bigint, locks
FROM bough_rehearsal.notes ORDER BY at;
)sql";

constexpr const char* kRewritten = R"sql(
SELECT t.name, t.rows, t.bytes FROM bough_rehearsal.tables t JOIN pg_class c ON c.oid = t.oid
WHERE c.relfilenode <> t.relfilenode ORDER BY t.name;
)sql";

constexpr const char* kTouched = R"sql(
SELECT t.name, pg_stat_get_tuples_inserted(t.oid), pg_stat_get_tuples_updated(t.oid),
       pg_stat_get_tuples_deleted(t.oid)
FROM bough_rehearsal.tables t JOIN pg_class c ON c.oid = t.oid
WHERE pg_stat_get_tuples_inserted(t.oid) + pg_stat_get_tuples_updated(t.oid)
    + pg_stat_get_tuples_deleted(t.oid) > 0 ORDER BY t.name;
)sql";

constexpr const char* kLost = R"sql(
SELECT t.name, '', t.rows FROM bough_rehearsal.tables t
WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.oid)
UNION ALL
SELECT t.name, w.name, t.rows FROM bough_rehearsal.columns w
  JOIN bough_rehearsal.tables t ON t.oid = w.attrelid
  JOIN pg_attribute a ON a.attrelid = w.attrelid AND a.attnum = w.attnum
WHERE a.attisdropped ORDER BY 1, 2;
)sql";

constexpr const char* kEnd = R"sql(
DROP EVENT TRIGGER bough_rehearsal;
DROP SCHEMA bough_rehearsal CASCADE;
)sql";

/// Until version 14, statistics reach the server's collector about half a second late.
constexpr const char* kStatisticsSettle = "SELECT pg_sleep(0.7); SELECT pg_stat_clear_snapshot();";

long long number(const std::optional<std::string>& text) {
  long long value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

std::vector<LockTaken> locks_in(const std::string& lines) {
  std::vector<LockTaken> locks;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    const std::size_t space = line.find(' ');
    locks.push_back({line.substr(space + 1), line.substr(0, space)});
  }
  return locks;
}

/// Adds a lock that was seen from outside. What was seen for clearly longer than the statement that
/// noted it was taken by an earlier one of its transaction.
void add_seen(LockingStatement seen, std::vector<LockingStatement>& statements) {
  const LockTaken& lock = seen.locks.front();
  const auto noted =
      std::find_if(statements.begin(), statements.end(), [&](const LockingStatement& one) {
        return std::find(one.locks.begin(), one.locks.end(), lock) != one.locks.end();
      });
  if (noted != statements.end()) {
    if (seen.held < noted->held + 10 * kInterval) return;
    std::erase(noted->locks, lock);
    if (noted->locks.empty()) statements.erase(noted);
  }
  statements.push_back(std::move(seen));
}

}  // namespace

std::vector<LockingStatement> locking_statements(const Rows& notes) {
  std::vector<LockingStatement> statements;
  std::set<std::pair<std::string, LockTaken>> taken;
  for (const Row& row : notes) {
    LockingStatement one{
        row[2].value_or(""), row[1].value_or(""), {}, std::chrono::milliseconds(number(row[3]))};
    for (LockTaken& lock : locks_in(row[4].value_or("")))
      if (taken.emplace(row[0].value_or(""), lock).second) one.locks.push_back(std::move(lock));
    if (!one.locks.empty()) statements.push_back(std::move(one));
  }
  return statements;
}

Result<std::unique_ptr<Watching>> Watching::begin(const Login& login) {
  auto inside = Session::open(login);
  if (!inside) return inside.error();
  auto outside = Session::open(login);
  if (!outside) return outside.error();
  if (auto begun = (*inside)->run(kBegin); !begun) return begun.error();
  std::unique_ptr<Watching> watching(new Watching(*std::move(inside)));
  watching->looking_ =
      std::jthread([self = watching.get(), session = std::shared_ptr<Session>(*std::move(outside))](
                       const std::stop_token& stop) {
        while (!stop.stop_requested() && !session->lost()) {
          self->look_at_locks(*session);
          std::this_thread::sleep_for(kInterval);
        }
      });
  return watching;
}

Watching::~Watching() = default;

void Watching::look_at_locks(Session& session) {
  auto rows = session.run(kLocks);
  if (!rows) return;
  const std::lock_guard guard(mutex_);
  for (const Row& row : *rows) note(row);
}

void Watching::note(const Row& row) {
  const LockTaken lock{row[2].value_or(""), row[1].value_or("")};
  const auto at = Clock::now();
  const std::string key = row[0].value_or("") + '\n' + lock.mode + ' ' + lock.table;
  const auto [entry, fresh] =
      seen_.try_emplace(key, Seen{{row[3].value_or(""), "", {lock}, {}}, at, at});
  entry->second.last = at;
}

Result<Sightings> Watching::end() {
  looking_.request_stop();
  if (looking_.joinable()) looking_.join();
  if (session_->version() < 15)
    if (auto settled = session_->run(kStatisticsSettle); !settled) return settled.error();
  Sightings sightings;
  auto notes = session_->run(kNotes);
  if (!notes) return notes.error();
  sightings.statements = locking_statements(*notes);
  for (auto& [key, seen] : seen_) {
    seen.statement.held =
        std::chrono::duration_cast<std::chrono::milliseconds>(seen.last - seen.first);
    add_seen(std::move(seen.statement), sightings.statements);
  }
  auto rewritten = session_->run(kRewritten);
  auto touched = session_->run(kTouched);
  auto lost = session_->run(kLost);
  for (const auto* rows : {&rewritten, &touched, &lost})
    if (!*rows) return rows->error();
  for (const Row& row : *rewritten)
    sightings.rewritten.push_back({row[0].value_or(""), number(row[1]), number(row[2])});
  for (const Row& row : *touched)
    sightings.touched.push_back(
        {row[0].value_or(""), number(row[1]), number(row[2]), number(row[3])});
  for (const Row& row : *lost)
    sightings.lost.push_back({row[0].value_or(""), row[1].value_or(""), number(row[2])});
  if (auto ended = session_->run(kEnd); !ended) return ended.error();
  return sightings;
}

}  // namespace bough::postgres
