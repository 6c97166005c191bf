#include "reconciler/journal/journal.h"

#include <fmt/format.h>

#include <random>

#include "provisioners/postgres/quote.h"
#include "provisioners/postgres/session.h"
#include "reconciler/journal/rows.h"
#include "reconciler/journal/schema.h"
#include "reconciler/journal/state.h"

namespace bough {

using journal::text;
namespace {

constexpr std::string_view kDatabase = "bough_journal";
// Any fixed number: only bough's own schema changes take this lock.
constexpr long long kSchemaLock = 0x626f756768;

std::string upgrade_from(std::size_t version) {
  std::string sql = "BEGIN;";
  const auto& all = journal::migrations();
  for (std::size_t i = version; i < all.size(); ++i) sql += std::string(all[i]) + ";";
  return sql + fmt::format("UPDATE bough.schema_version SET version = {}; COMMIT", all.size());
}

/// Makes the schema and its version row, once, whoever comes first.
std::string prepare() {
  return fmt::format(
      "BEGIN; SELECT pg_advisory_xact_lock({});"
      "CREATE SCHEMA IF NOT EXISTS bough;"
      "CREATE TABLE IF NOT EXISTS bough.schema_version (version int NOT NULL);"
      "INSERT INTO bough.schema_version SELECT 0"
      " WHERE NOT EXISTS (SELECT FROM bough.schema_version);"
      "COMMIT",
      kSchemaLock);
}

Result<std::size_t> version_of(postgres::Session& session) {
  auto rows = session.run("SELECT version FROM bough.schema_version");
  if (!rows) return rows.error();
  return static_cast<std::size_t>(std::stoul(rows->front().front().value_or("0")));
}

/// The version is read again under the lock: another process may have been here first.
Result<void> upgrade_alone(postgres::Session& session) {
  auto locked = session.run(fmt::format("SELECT pg_advisory_lock({})", kSchemaLock));
  if (!locked) return locked.error();
  auto version = version_of(session);
  if (!version) return version.error();
  if (*version < journal::migrations().size())
    if (auto upgraded = session.run(upgrade_from(*version)); !upgraded) return upgraded.error();
  auto unlocked = session.run(fmt::format("SELECT pg_advisory_unlock({})", kSchemaLock));
  if (!unlocked) return unlocked.error();
  return {};
}

Result<void> upgrade(postgres::Session& session) {
  auto there = session.run("SELECT to_regclass('bough.schema_version') IS NOT NULL");
  if (!there) return there.error();
  if (*there->front().front() != "t")
    if (auto prepared = session.run(prepare()); !prepared) return prepared.error();
  auto version = version_of(session);
  if (!version) return version.error();
  if (*version > journal::migrations().size())
    return Error{Fault::invalid, fmt::format("the journal has schema version {}, this bough knows "
                                             "{}; use a newer bough",
                                             *version, journal::migrations().size())};
  if (*version == journal::migrations().size()) return {};
  return upgrade_alone(session);
}

enum class Door { missing, open, closed };

/// Whether everybody may connect to the journal's database.
Result<Door> door(postgres::Session& session) {
  auto rows = session.run(
      fmt::format("SELECT has_database_privilege('public', oid, 'CONNECT') FROM pg_database WHERE "
                  "datname = {}",
                  postgres::literal(kDatabase)));
  if (!rows) return rows.error();
  if (rows->empty()) return Door::missing;
  return rows->front().front() == "t" ? Door::open : Door::closed;
}

/// Of two that do this at once one fails, and finds it done.
Result<void> until_not(Door state, postgres::Session& session, const std::string& statement) {
  auto found = door(session);
  if (!found) return found.error();
  if (*found != state) return {};
  auto done = session.run(statement);
  if (done) return {};
  found = door(session);
  return found && *found != state ? Result<void>() : done.error();
}

Result<void> create_database(const postgres::Login& login) {
  auto session = postgres::Session::open(login);
  if (!session) return session.error();
  const std::string name = postgres::identifier(kDatabase);
  if (auto made =
          until_not(Door::missing, **session, "CREATE DATABASE " + name + " TEMPLATE template0");
      !made)
    return made;
  return until_not(Door::open, **session, "REVOKE ALL ON DATABASE " + name + " FROM PUBLIC");
}

}  // namespace

long long Journal::State::random_owner() {
  std::random_device device;
  return static_cast<long long>(((static_cast<unsigned long long>(device()) << 32) | device()) >>
                                1);
}

Result<void> Journal::State::connect() {
  if (session && !session->lost()) return {};
  auto fresh = postgres::Session::open(login);
  if (!fresh) return within("the journal", fresh.error());
  if (auto upgraded = upgrade(**fresh); !upgraded) return within("the journal", upgraded.error());
  // While this lock is held, runs of this owner are alive.
  auto locked = (*fresh)->run(
      fmt::format("SET synchronous_commit = off; SELECT pg_advisory_lock_shared({})", owner));
  if (!locked) return within("the journal", locked.error());
  session = *std::move(fresh);
  return {};
}

Result<postgres::Rows> Journal::State::run(const std::string& sql, const std::string& preparation) {
  const std::lock_guard guard(mutex);
  if (auto connected = connect(); !connected) return connected.error();
  static_cast<void>(catch_up());
  auto rows = session->run(session->once(preparation) + sql);
  if (!rows) return within("the journal", rows.error());
  return rows;
}

Result<void> Journal::State::catch_up() {
  if (auto connected = connect(); !connected) return connected;
  while (!unsent.empty()) {
    auto rows = session->run(session->once(unsent.front().preparation) + unsent.front().sql);
    const bool away = !rows && rows.error().fault == Fault::unavailable;
    // What the journal refuses would be refused again, and keep what follows from it.
    if (!away) unsent.pop_front();
    if (!rows) return within("the journal", rows.error());
  }
  return {};
}

Result<void> Journal::State::insist(const std::string& sql, const std::string& preparation) {
  const std::lock_guard guard(mutex);
  unsent.push_back({sql, preparation});
  auto sent = catch_up();
  if (!sent && sent.error().fault == Fault::unavailable) return catch_up();
  return sent;
}

Result<postgres::Rows> Journal::State::ask(const std::string& sql) {
  auto rows = run(sql);
  if (!rows && rows.error().fault == Fault::unavailable) return run(sql);
  return rows;
}

Result<postgres::Rows> Journal::State::write_now(const std::string& sql) {
  return run("SET LOCAL synchronous_commit TO DEFAULT; " + sql);
}

Result<void> Journal::State::write_lazily(const std::string& sql, const std::string& preparation) {
  auto rows = run(sql, preparation);
  if (!rows) return rows.error();
  return {};
}

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::open(const ServerAccess& access) {
  auto login = postgres::login_for(access);
  if (!login) return login.error();
  const bool ours = access.instance.text().starts_with("dev-");
  if (ours) {
    if (auto created = create_database(*login); !created)
      return within("the journal", created.error());
    login->conninfo = Secret(fmt::format("{} dbname='{}'", login->conninfo.reveal(), kDatabase));
  }
  auto state = std::make_unique<State>(*std::move(login));
  if (auto connected = state->connect(); !connected) return connected.error();
  return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

Result<std::vector<long long>> Journal::intend(std::string_view plan_id,
                                               const std::vector<Step>& steps) {
  if (steps.empty()) return std::vector<long long>();
  std::string values;
  for (const Step& step : steps)
    values += fmt::format("{}({}, {}, {}, {}, 'intended')", values.empty() ? "" : ", ",
                          text(plan_id), text(journal::repository_of(step.action)),
                          text(journal::address_of(step.action)), text(describe(step.action)));
  auto rows = state_->write_now(
      "INSERT INTO bough.steps (plan_id, repository, address, what, state) VALUES " + values +
      " RETURNING id");
  if (!rows) return rows.error();
  std::vector<long long> ids;
  for (const auto& row : *rows) ids.push_back(std::stoll(*row.front()));
  return ids;
}

Result<void> Journal::settle(long long id, const Step& step, std::string_view error) {
  // Called for every step: worth being planned only once for each connection.
  static const std::string kPreparation =
      "PREPARE bough_settle (int8, text, text, text, text, text, text) AS"
      " WITH settled AS (UPDATE bough.steps SET state = $2, error = $3,"
      " settled_at = clock_timestamp() WHERE id = $1)"
      " INSERT INTO bough.events (repository, address, kind, message) VALUES ($4, $5, $6, $7);";
  const std::string what = describe(step.action);
  return state_->write_lazily(
      fmt::format("EXECUTE bough_settle({}, '{}', {}, {}, {}, '{}', {})", id,
                  error.empty() ? "done" : "failed", text(error),
                  text(journal::repository_of(step.action)), text(journal::address_of(step.action)),
                  error.empty() ? "step-done" : "step-failed",
                  text(what + ": " + (error.empty() ? step.because : std::string(error)))),
      kPreparation);
}

Result<void> Journal::note(const Event& event) {
  return state_->write_lazily(fmt::format(
      "INSERT INTO bough.events (repository, address, kind, message) VALUES ({}, {}, {}, {})",
      text(event.repository), text(event.address), text(event.kind), text(event.message)));
}

Result<std::vector<Event>> Journal::events(const EventFilter& filter) {
  std::string where = filter.after ? fmt::format("id > {}", *filter.after) : "true";
  std::string names;
  for (const std::string& name : filter.repositories)
    names += (names.empty() ? "" : ", ") + text(name);
  if (!names.empty()) where += " AND repository IN (" + names + ")";
  const char* lock = filter.settled ? "SET LOCAL lock_timeout = '1s';"
                                      "LOCK TABLE bough.events IN SHARE MODE; "
                                    : "";
  auto rows = state_->ask(fmt::format(
      "{}SELECT * FROM (SELECT id, {}, repository, address, kind, message FROM bough.events"
      " WHERE {} ORDER BY id {} LIMIT {}) e ORDER BY id",
      lock, journal::milliseconds_of("at"), where, filter.after ? "ASC" : "DESC", filter.limit));
  if (!rows) return rows.error();
  std::vector<Event> result;
  for (const auto& row : *rows) result.push_back(journal::read_event(row));
  return result;
}

Result<std::vector<Setting>> Journal::settings() {
  auto rows = state_->ask("SELECT kind, name, document FROM bough.settings ORDER BY kind, name");
  if (!rows) return rows.error();
  std::vector<Setting> result;
  for (const auto& row : *rows) {
    const auto kind = parse_setting_kind(row[0].value_or(""));
    if (!kind) return within("the journal", kind.error());
    result.push_back({*kind, row[1].value_or(""), row[2].value_or("")});
  }
  return result;
}

Result<void> Journal::keep(const Setting& setting) {
  auto rows = state_->write_now(
      fmt::format("INSERT INTO bough.settings (kind, name, document) VALUES ('{}', {}, {})"
                  " ON CONFLICT (kind, name) DO UPDATE SET document = excluded.document,"
                  " changed_at = clock_timestamp()",
                  word_of(setting.kind), text(setting.name), text(setting.document)));
  if (!rows) return rows.error();
  return {};
}

Result<bool> Journal::discard(SettingKind kind, std::string_view name) {
  auto rows = state_->write_now(
      fmt::format("DELETE FROM bough.settings WHERE kind = '{}' AND name = {} RETURNING name",
                  word_of(kind), text(name)));
  if (!rows) return rows.error();
  return !rows->empty();
}

Result<void> Journal::report(const ReportedBuild& build) {
  const std::string message =
      fmt::format("{} {} for {} (told by {})", build.name, build.succeeded ? "succeeded" : "failed",
                  build.commit.text().substr(0, 7), build.reporter);
  auto rows = state_->write_now(fmt::format(
      "WITH news AS (INSERT INTO bough.reported_builds AS old"
      " (repository, commit, name, branch, succeeded, reporter) VALUES ({0}, '{1}', {2}, {3}, {4},"
      " {5}) ON CONFLICT (repository, commit, name) DO UPDATE SET branch = excluded.branch,"
      " succeeded = excluded.succeeded, reporter = excluded.reporter, at = excluded.at"
      " WHERE old.succeeded <> excluded.succeeded RETURNING 1)"
      " INSERT INTO bough.events (repository, address, kind, message)"
      " SELECT {0}, {0}, 'build-reported', {6} FROM news",
      text(build.repository.text()), build.commit.text(), text(build.name), text(build.branch),
      build.succeeded, text(build.reporter), text(message)));
  if (!rows) return rows.error();
  return {};
}

Result<std::vector<ReportedBuild>> Journal::reports(const RepositoryName& repository,
                                                    const std::set<Commit>& commits) {
  if (commits.empty()) return std::vector<ReportedBuild>();
  auto rows = state_->ask(
      fmt::format("SELECT name, branch, succeeded, reporter, commit FROM bough.reported_builds"
                  " WHERE repository = {} AND commit IN ({}) ORDER BY commit, name",
                  text(repository.text()), journal::list_of(commits)));
  if (!rows) return rows.error();
  std::vector<ReportedBuild> result;
  for (const auto& row : *rows) {
    auto commit = Commit::parse(row[4].value_or(""));
    if (commit)
      result.push_back({repository, *std::move(commit), row[0].value_or(""), row[1].value_or(""),
                        row[2].value_or("f") == "t", row[3].value_or("")});
  }
  return result;
}

Result<long long> Journal::next_epoch(const InstanceName& instance) {
  auto rows = state_->write_now(fmt::format(
      "INSERT INTO bough.leases (instance, epoch, holder, taken_at)"
      " VALUES ({}, 1, {}, clock_timestamp()) ON CONFLICT (instance) DO UPDATE SET"
      " epoch = leases.epoch + 1, holder = excluded.holder, taken_at = excluded.taken_at"
      " RETURNING epoch",
      text(instance.text()), text(postgres::application_name())));
  if (!rows) return rows.error();
  return std::stoll(*rows->front().front());
}

Result<std::map<InstanceName, long long>> Journal::epochs() {
  auto rows = state_->ask("SELECT instance, epoch FROM bough.leases");
  if (!rows) return rows.error();
  std::map<InstanceName, long long> result;
  for (const auto& row : *rows)
    if (auto name = InstanceName::parse(row[0].value_or("")))
      result.emplace(*std::move(name), std::stoll(*row[1]));
  return result;
}

}  // namespace bough
