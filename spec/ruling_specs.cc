#include "spec/ruling.h"

namespace bough {
namespace {

constexpr Severity kError = Severity::error;
constexpr Severity kWarning = Severity::warning;
constexpr Severity kNote = Severity::note;

constexpr Ruling kOfSpecs[] = {
    {"bad-name", kError,
     "A name has 2 to 32 characters: lower-case letters, digits and hyphens, beginning with a "
     "letter, ending with a letter or digit.",
     "It becomes part of host names, of variables and of the database's name. The platform's own "
     "tool lets others through, and the deployment fails later. Names in bough.yaml have 1 to 63 "
     "letters, digits, dots, underscores and hyphens.",
     "use lower-case letters, digits and hyphens", "name: My_Shop\n"},
    {"bad-path", kError, "A folder or file lies in the repository.",
     "A path that leaves it would reach what other branches or the server hold.",
     "name it relative to the repository's root",
     "name: shop\nservices:\n- {name: web, source_dir: ../other}\n"},
    {"bad-schedule", kWarning,
     "A schedule has five fields (minute, hour, day, month, weekday), and a duration is written "
     "like 30m or 1h30m.",
     "The platform refuses others when the app is deployed. bough runs no scheduled jobs.",
     "write it like `cron: \"0 3 * * *\"` and `timeout: 30m`",
     "name: shop\njobs:\n- {name: job, kind: SCHEDULED, schedule: {cron: daily}}\n"},
    {"bad-variable", kError,
     "A variable's name is made of letters, digits and underscores, not beginning with a digit.",
     "Shells and the platform take no others.", "rename the variable",
     "name: shop\nenvs:\n- {key: my-key, value: x}\n"},
    {"bad-version", kError, "A version is made of letters, digits, dots, hyphens and underscores.",
     "It is compared with what servers report, and becomes part of an instance's name. Without "
     "quotes, a leading zero makes an octal number of it.",
     "write it like \"16\"", "name: shop\ndatabases:\n- {name: db, version: 012}\n"},
    {"bindable-cycle", kWarning, "A variable does not refer back to itself.",
     "It would have no value. Commands that would be given it are refused in the plan.",
     "write one of the values out",
     "name: shop\nenvs:\n- {key: ONE, value: '${TWO}'}\n- {key: TWO, value: '${ONE}'}\n"},
    {"bindable-growth", kWarning,
     "The variables of an app have at most 4 MiB, references resolved.",
     "References to references can double with each line. Commands that would be given them are "
     "refused in the plan.",
     "write shorter values"},
    {"empty", kError, "A spec holds something.",
     "An empty file never means that there are no databases: nothing is changed. An app without "
     "databases is written `name: …` alone.",
     "an App Spec begins with `name: …`", "# nothing yet\n"},
    {"missing-cluster", kError, "A production database names its cluster.",
     "`production: true` asks for a managed cluster, which is named by `cluster_name`; bough maps "
     "it to an instance of bough.yaml. The platform's own tool lets it through.",
     "add `cluster_name:`, or remove `production: true`",
     "name: shop\ndatabases:\n- {name: db, production: true}\n"},
    {"no-command", kNote, "A job before the deployment has a `run_command`.",
     "The platform would run what the image says; bough runs no images, so the job migrates "
     "nothing here.",
     "add `run_command:`, or `migration_command:` to the database",
     "name: shop\njobs:\n- {name: migrate, kind: PRE_DEPLOY}\n"},
    {"opaque-secret", kWarning, "A migration needs no value that only the platform can decrypt.",
     "`EV[…]` is a secret that the platform has encrypted for itself. It is left out of the "
     "variables here, never passed on as it stands.",
     "keep a value that bough can read, or let the migration do without",
     "name: shop\njobs:\n- name: migrate\n  kind: PRE_DEPLOY\n  run_command: ./migrate\n  envs:\n"
     "  - {key: TOKEN, type: SECRET, value: 'EV[1:abc:def]'}\n"},
    {"repeated-name", kError, "Every component of an app has a name of its own.",
     "References such as `${db.DATABASE_URL}` know components by name only. In bough.yaml the "
     "names "
     "of one list must differ. The platform's own tool lets it through.",
     "rename one of the two", "name: shop\ndatabases:\n- name: db\n- name: db\n"},
    {"repeated-variable", kWarning, "A variable stands once for each scope.",
     "The last one counts, here as on the platform.", "remove one of the two",
     "name: shop\nenvs:\n- {key: A, value: one}\n- {key: A, value: two}\n"},
    {"reserved-database", kWarning, "`db_name` and `db_user` do not name what the server needs.",
     "bough gives databases names of its own, so it does no harm here; on a cluster of the "
     "platform it shares the server's own database.",
     "choose another name", "name: shop\ndatabases:\n- {name: db, db_name: postgres}\n"},
    {"several-sources", kWarning, "A component has one source.",
     "The platform takes one of git, github, gitlab, bitbucket and image, and refuses more. bough "
     "builds the branch that the file is on.",
     "keep one of them",
     "name: shop\nservices:\n- name: web\n  github: {repo: a/b}\n  image: {repository: c}\n"},
    {"unresolved-bindable", kWarning, "A reference names a component and a variable that exist.",
     "The platform leaves others as literal text, `${db.DATABSE_URL}` and all. bough refuses to "
     "run "
     "a command with such a value, and says so in the plan.",
     "correct the name", "name: shop\nenvs:\n- {key: URL, value: '${db.DATABASE_URL}'}\n"},
    {"unused-key", kWarning, "A key has a meaning where it stands.",
     "`db_name` and `db_user` are for PG and MYSQL only.", "remove it",
     "name: shop\ndatabases:\n- {name: db, engine: KAFKA, db_name: x}\n"},
};

constexpr Ruling kOfConfigurations[] = {
    {"bad-duration", kError, "A duration is written like 90s, 5m, 12h or 7d.",
     "A number without a unit is read as seconds by one and as days by another.",
     "write it like 90s, 5m or 7d", "poll: soon\n"},
    {"bad-secret", kError, "A secret is named by exactly one of `file` and `env`.",
     "Secrets are never written into the configuration, which is shown, copied and committed.",
     "write {file: PATH} or {env: NAME}", "journal: postgresql://h/d\njournal_password: {}\n"},
    {"bad-value", kError, "A value fits its key.",
     "The message says what is wrong with it; it is not repeated, since it may hold a secret.",
     "correct the value", "listen: everywhere\n"},
    {"lost-assignment", kWarning, "A repository that was assigned an instance by command is there.",
     "The assignment stays, for the case that the repository returns.", "run bough unassign"},
    {"reserved-name", kError, "Names that begin with `dev-` are those of bough's own instances.",
     "Repositories may use them, but nobody else may take such a name.", "choose another name",
     "instances:\n- {name: dev-pg16, url: 'postgresql://h/d'}\n"},
    {"unknown-instance", kError, "A repository's instance is one of `instances`.",
     "A branch cannot choose its server; the operator does, and must name one that exists.",
     "add it to `instances`, or correct the name",
     "repositories:\n- {name: shop, url: 'https://h/r', instance: main}\n"},
};

}  // namespace

std::span<const Ruling> rulings_of_specs() {
  return kOfSpecs;
}

std::span<const Ruling> rulings_of_configurations() {
  return kOfConfigurations;
}

}  // namespace bough
