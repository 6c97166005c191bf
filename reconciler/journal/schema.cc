#include "reconciler/journal/schema.h"

namespace bough::journal {
namespace {

constexpr std::string_view kFirst = R"(
CREATE TABLE bough.steps (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  plan_id text NOT NULL,
  repository text NOT NULL,
  address text NOT NULL,
  what text NOT NULL,
  state text NOT NULL CHECK (state IN ('intended', 'done', 'failed')),
  error text NOT NULL DEFAULT '',
  intended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  settled_at timestamptz
);
CREATE INDEX steps_open ON bough.steps (id) WHERE state = 'intended';
CREATE TABLE bough.runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  repository text NOT NULL,
  app text NOT NULL,
  environment text NOT NULL,
  branch bytea NOT NULL,
  component text NOT NULL,
  commit text NOT NULL,
  digest text NOT NULL,
  kind text NOT NULL,
  command text NOT NULL,
  state text NOT NULL,
  exit_code int NOT NULL DEFAULT 0,
  note text NOT NULL DEFAULT '',
  log_file text NOT NULL,
  owner bigint NOT NULL,
  superseded boolean NOT NULL DEFAULT false,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz
);
CREATE INDEX runs_commit ON bough.runs (repository, commit) WHERE NOT superseded;
CREATE INDEX runs_home ON bough.runs (repository, id);
CREATE TABLE bough.events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  repository text NOT NULL,
  address text NOT NULL,
  kind text NOT NULL,
  message text NOT NULL
);
CREATE INDEX events_repository ON bough.events (repository, id);
CREATE TABLE bough.leases (
  instance text PRIMARY KEY,
  epoch bigint NOT NULL,
  holder text NOT NULL,
  taken_at timestamptz NOT NULL
);
)";

constexpr std::string_view kSettings = R"(
CREATE TABLE bough.settings (
  kind text NOT NULL,
  name text NOT NULL,
  document text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (kind, name)
);
)";

/// Builds that others ran: the latest report for each repository, commit and name.
constexpr std::string_view kReportedBuilds = R"(
CREATE TABLE bough.reported_builds (
  repository text NOT NULL,
  commit text NOT NULL,
  name text NOT NULL,
  branch text NOT NULL,
  succeeded boolean NOT NULL,
  reporter text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (repository, commit, name)
);
)";

/// Runs of databases that are no more; and whose rewritten history a person let pass.
constexpr std::string_view kHistories = R"(
ALTER TABLE bough.runs ADD COLUMN forgotten boolean NOT NULL DEFAULT false;
CREATE INDEX runs_reached ON bough.runs (repository, branch, component, id)
  WHERE state = 'succeeded';
CREATE TABLE bough.acceptances (
  repository text NOT NULL,
  app text NOT NULL,
  environment text NOT NULL,
  branch bytea NOT NULL,
  commit text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (repository, app, environment, branch, commit)
);
)";

/// Runs that failed and whose database was put back as it had been before them.
constexpr std::string_view kUndone = R"(
ALTER TABLE bough.runs ADD COLUMN undone boolean NOT NULL DEFAULT false;
)";

/// Dumps that were made or failed; and each branch's commit at the last pass.
constexpr std::string_view kDumps = R"(
CREATE TABLE bough.dumps (
  id text PRIMARY KEY,
  repository text NOT NULL,
  app text NOT NULL,
  environment text NOT NULL,
  branch bytea NOT NULL,
  component text NOT NULL,
  name text NOT NULL,
  instance text NOT NULL,
  version int NOT NULL,
  commit text NOT NULL,
  bytes bigint NOT NULL,
  checksum text NOT NULL,
  file text NOT NULL,
  note text NOT NULL DEFAULT '',
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX dumps_repository ON bough.dumps (repository, at);
CREATE TABLE bough.branches (
  repository text NOT NULL,
  branch bytea NOT NULL,
  tip text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (repository, branch)
);
)";

/// Commits that a person gave an environment of their own; a row stays when it has ended.
constexpr std::string_view kApprovals = R"(
CREATE TABLE bough.approvals (
  repository text NOT NULL,
  commit text NOT NULL,
  ref text NOT NULL,
  approved_by text NOT NULL,
  approved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  runs_out_at timestamptz,
  ended_at timestamptz,
  ended_by text NOT NULL DEFAULT '',
  PRIMARY KEY (repository, commit)
);
CREATE TABLE bough.rehearsals (
  repository text NOT NULL,
  app text NOT NULL,
  environment text NOT NULL,
  branch bytea NOT NULL,
  commit text NOT NULL,
  digest text NOT NULL,
  production text NOT NULL,
  state text NOT NULL,
  report text NOT NULL DEFAULT '',
  owner bigint NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  PRIMARY KEY (repository, app, environment, branch, commit, digest, production)
);
CREATE INDEX rehearsals_age ON bough.rehearsals (started_at);
)";

/// What a look into each database came to.
constexpr std::string_view kCheckups = R"(
CREATE TABLE bough.checkups (
  instance text NOT NULL,
  name text NOT NULL,
  bytes bigint NOT NULL,
  generation integer NOT NULL,
  let_in boolean,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (instance, name)
);
)";

}  // namespace

const std::vector<std::string_view>& migrations() {
  static const std::vector<std::string_view> all = {kFirst,  kSettings, kReportedBuilds, kHistories,
                                                    kUndone, kDumps,    kApprovals,      kCheckups};
  return all;
}

}  // namespace bough::journal
