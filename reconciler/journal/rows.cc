#include "reconciler/journal/rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "provisioners/postgres/quote.h"
#include "spec/secret.h"
#include "spec/time.h"

namespace bough {
namespace journal {
namespace {

std::string column(const postgres::Row& row, std::size_t index) {
  return row.at(index).value_or("");
}

Instant instant(const std::string& milliseconds) {
  return Instant(std::chrono::milliseconds(std::stoll(milliseconds)));
}

RunState state(const std::string& word) {
  for (const RunState each : {RunState::queued, RunState::running, RunState::succeeded,
                              RunState::failed, RunState::timed_out, RunState::cancelled})
    if (word_of(each) == word) return each;
  return RunState::unknown;
}

std::string path(const Home& home) {
  return home.repository.text() + "/" + path_of(home.environment);
}

}  // namespace

const std::string kOwnerGone =
    "NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1"
    " AND l.classid::bigint = r.owner >> 32 AND l.objid::bigint = r.owner & 4294967295)";

const std::string kRunColumns = fmt::format(
    "id, repository, app, environment, encode(branch, 'hex'), component, commit, digest, kind,"
    " command, CASE WHEN state IN ('running', 'queued') AND {} THEN CASE state WHEN 'running'"
    " THEN 'unknown' ELSE 'cancelled' END ELSE state END, exit_code, note, log_file, {}, {}",
    kOwnerGone, milliseconds_of("started_at"), milliseconds_of("ended_at"));

std::optional<Home> read_home(const postgres::Row& row, std::size_t first) {
  auto repository = RepositoryName::parse(column(row, first));
  auto app = AppName::parse(column(row, first + 1));
  auto where = environment_of(column(row, first + 2), unhex(column(row, first + 3)));
  if (!repository || !app || !where) return std::nullopt;
  return Home{*std::move(repository), *std::move(app), *std::move(where)};
}

std::optional<RunRecord> read_run(const postgres::Row& row) {
  auto where = read_home(row, 1);
  auto commit = Commit::parse(column(row, 6));
  if (!where || !commit) return std::nullopt;
  RunRecord run{std::stoll(column(row, 0)),
                {*where, column(row, 5), *commit, column(row, 7)},
                run_kind(column(row, 8)).value_or(RunKind::migration),
                column(row, 9),
                state(column(row, 10)),
                std::stoi(column(row, 11)),
                column(row, 12),
                column(row, 13),
                instant(column(row, 14)),
                std::nullopt};
  if (row.at(15)) run.ended_at = instant(*row.at(15));
  if (run.state == RunState::unknown && run.note.empty())
    run.note = "interrupted: its outcome is unknown";
  return run;
}

Event read_event(const postgres::Row& row) {
  return {std::stoll(column(row, 0)),
          instant(column(row, 1)),
          column(row, 2),
          column(row, 3),
          column(row, 4),
          column(row, 5)};
}

std::optional<Place> read_place(const postgres::Row& row, std::size_t first) {
  auto home = read_home(row, first);
  auto component = ComponentName::parse(column(row, first + 4));
  if (!home || !component) return std::nullopt;
  return Place{*std::move(home), *std::move(component)};
}

std::string list_of(const std::set<Commit>& commits) {
  std::string list;
  for (const Commit& commit : commits)
    list += fmt::format("{}'{}'", list.empty() ? "" : ",", commit.text());
  return list;
}

std::string text(std::string_view bytes) {
  return postgres::literal(postgres::unfit(bytes) ? printable(bytes) : std::string(bytes));
}

std::string branch_bytes(const Environment& environment) {
  return fmt::format("decode('{}', 'hex')", hex(bytes_of(environment)));
}

std::string matches(const Home& home) {
  return fmt::format("repository = {} AND app = {} AND environment = {} AND branch = {}",
                     text(home.repository.text()), text(home.app.text()),
                     text(kind_of(home.environment)), branch_bytes(home.environment));
}

std::string milliseconds_of(std::string_view name) {
  return fmt::format("(extract(epoch from {}) * 1000)::bigint", name);
}

std::string repository_of(const Action& action) {
  if (const Kept* kept = kept_of(action)) return kept->stock.repository.text();
  const auto home = home_of(action);
  return home ? home->repository.text() : "";
}

std::string address_of(const Action& action) {
  if (const Kept* kept = kept_of(action))
    return kept->stock.repository.text() + "/production/" + kept->stock.component.text();
  return std::visit(Match{[](const StartInstance& start) { return start.instance.text(); },
                          [](const FillTemplate&) { return std::string(); },
                          [](const MakeSpare&) { return std::string(); },
                          [](const DropStock&) { return std::string(); },
                          [](const Build& build) { return path(build.home); },
                          [](const auto& other) { return address(other.at.place); }},
                    action);
}

std::string address_of(const RunKey& key) {
  return key.component.empty() ? path(key.home) : path(key.home) + "/" + key.component;
}

}  // namespace journal

namespace {

std::string describe(const RenameBack& back) {
  const auto from = [](const char* kind, const std::optional<DatabaseName>& now) {
    return now ? fmt::format("{} {} ", kind, printable(now->text())) : std::string();
  };
  return fmt::format("rename {}{}back to {} on {}", from("database", back.database),
                     from("role", back.role), back.at.name.text(), back.at.instance.text());
}

std::string describe(const RestrictRole& to) {
  std::string text =
      fmt::format("restrict role {} on {}:", to.at.name.text(), to.at.instance.text());
  const auto timeout = [&](const char* key, const auto& limit) {
    if (limit) text += fmt::format(" {} {},", key, to_text(*limit));
  };
  if (to.limits.connections) text += fmt::format(" connections {},", *to.limits.connections);
  timeout("statement_timeout", to.limits.statement_timeout);
  timeout("idle_timeout", to.limits.idle_timeout);
  timeout("idle_in_transaction_timeout", to.limits.idle_in_transaction_timeout);
  for (const std::string& other : to.leave) text += fmt::format(" leave {},", printable(other));
  return text + (to.writes == Writes::allowed       ? " may write"
                 : to.writes == Writes::discouraged ? " read-only by default"
                                                    : " no sessions");
}

std::string describe(const TrustSources& trust) {
  std::string who;
  for (const TrustedSource& source : trust.sources)
    who += (who.empty() ? "" : ", ") + printable(source.address);
  return fmt::format("let {} connect to {} on {}", who.empty() ? "no other machine" : who,
                     trust.at.name.text(), trust.at.instance.text());
}

}  // namespace

std::string describe(const Action& action) {
  const auto on = [](const char* verb, const Target& at) {
    return fmt::format("{} {} on {}", verb, at.name.text(), at.instance.text());
  };
  const auto on_kept = [](const char* verb, const Kept& kept) {
    return fmt::format("{} {} on {}", verb, kept.name.text(), kept.instance.text());
  };
  return std::visit(
      Match{
          [](const StartInstance& start) { return "create instance " + start.instance.text(); },
          [&](const CreateRole& create) { return on("create role", create.at); },
          [&](const CreateDatabase& create) { return on("create database", create.at); },
          [&](const CopyDatabase& copy) {
            return on("copy database", copy.at) + " from " + copy.spare.text();
          },
          [&](const GrantAccess& grant) { return on("grant access to", grant.at); },
          [&](const SetStanding& set) {
            return on(std::visit(Match{[](const Active&) { return "resume"; },
                                       [](const Held&) { return "hold"; },
                                       [](const Detached&) { return "detach"; },
                                       [](const Suspended&) { return "suspend"; },
                                       [](const Image&) { return "copy"; },
                                       [](const Scratch&) { return "set scratch"; }},
                                 set.mark.standing),
                      set.at);
          },
          [&](const SetAside& set) {
            return on("set aside", set.at) + " as " + set.mark.name.text();
          },
          [&](const RestrictRole& to) { return describe(to); },
          [&](const SetPassword& set) {
            return fmt::format("{}, number {}", on("set password of", set.at), set.mark.generation);
          },
          [&](const RenameBack& back) { return describe(back); },
          [&](const MakeExtensions& make) {
            return on(fmt::format("make extensions {} in", fmt::join(make.names, ", ")).c_str(),
                      make.at);
          },
          [&](const TrustSources& trust) { return describe(trust); },
          [&](const DumpDatabase& dump) { return on("dump", dump.at); },
          [&](const FillDatabase& fill) { return on("fill", fill.at) + " from dump " + fill.dump; },
          [&](const PutInPlace& put) {
            return on("put", put.at) + " in place as " + put.mark.name.text();
          },
          [&](const MoveDatabase& move) {
            return on("move", move.at) + " from " + address(move.from.place);
          },
          [&](const AdoptDatabase& adopt) { return on("adopt", adopt.at); },
          [&](const DropDatabase& drop) { return on("drop database", drop.at); },
          [&](const DropRole& drop) { return on("drop role", drop.at); },
          [](const Build& build) { return "build " + build.commit.text().substr(0, 7); },
          [&](const KeepImage& keep) { return on("copy", keep.at); },
          [&](const Migrate& migrate) {
            return fmt::format("migrate {} to {}", migrate.at.name.text(),
                               migrate.commit.text().substr(0, 7));
          },
          [&](const PutBack& put) { return on("put back", put.at); },
          [&](const DropImage& drop) { return on("drop the copy of", drop.at); },
          [&](const Seed& seed) {
            return fmt::format("seed {} at {}", seed.at.name.text(),
                               seed.commit.text().substr(0, 7));
          },
          [&](const RunJobs& jobs) {
            return fmt::format("run {} jobs of {}{}", word_of(jobs.kind),
                               jobs.commit.text().substr(0, 7),
                               jobs.after.empty() ? "" : " after " + jobs.after);
          },
          [&](const FillTemplate& fill) { return on_kept("fill template", fill.kept); },
          [&](const MakeSpare& make) { return on_kept("make spare", make.kept); },
          [&](const DropStock& drop) { return on_kept("drop", drop.kept); }},
      action);
}

}  // namespace bough
