#include "spec/app_spec.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

std::string all_texts(const SpecReading& reading) {
  std::string text;
  for (const Diagnostic& diagnostic : reading.diagnostics) text += to_text(diagnostic) + "\n";
  return text;
}

/// A file and what is to be said about it, one line each; a spec comes out unless an error is among
/// them.
struct Case {
  std::string name;
  std::string text;
  std::string says;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class AppSpecReading : public testing::TestWithParam<Case> {};

TEST_P(AppSpecReading, Says) {
  const auto reading = read_app_spec(GetParam().text, "f");
  EXPECT_EQ(all_texts(reading), GetParam().says) << GetParam().text;
  EXPECT_EQ(reading.spec.has_value(), GetParam().says.find(": error: ") == std::string::npos);
}

std::string with_database(const std::string& lines) {
  return "name: shop\ndatabases:\n" + lines;
}
std::string with_service(const std::string& lines) {
  return "name: shop\nservices:\n- name: web\n" + lines;
}

const Case kLetThroughElsewhere[] = {
    {"UnknownEngine", with_database("- name: db\n  engine: ORACLE\n"),
     "f:4:11: error: `engine` cannot be `ORACLE`; it is one of: PG, MYSQL, REDIS, MONGODB, KAFKA, "
     "OPENSEARCH, VALKEY, UNSET (use a word of the list)\n"},
    {"EngineInLowerCase", with_database("- name: db\n  engine: pg\n"),
     "f:4:11: error: `engine` cannot be `pg`; it is one of: PG, MYSQL, REDIS, MONGODB, KAFKA, "
     "OPENSEARCH, VALKEY, UNSET (did you mean PG?)\n"},
    {"BadName", with_database("- name: DB_1\n"),
     "f:3:9: error: `DB_1` cannot be a name: a name starts with a lower-case letter (use "
     "lower-case letters, digits and hyphens, beginning with a letter)\n"},
    {"NoName", with_database("- engine: PG\n"),
     "f:3:3: error: an entry of `databases` has no `name` (add `name:`)\n"},
    {"TwoDatabasesWithOneName", with_database("- name: db\n- name: db\n"),
     "f:4:9: error: the name `db` is already taken at line 3 (every component of an app needs a "
     "name of its own)\n"},
    {"OneNameInTwoLists", "name: shop\nservices:\n- name: db\ndatabases:\n- name: db\n",
     "f:5:9: error: the name `db` is already taken at line 3 (every component of an app needs a "
     "name of its own)\n"},
    {"ProductionWithoutCluster", with_database("- name: db\n  production: true\n"),
     "f:4:15: error: a production database needs a `cluster_name` (add `cluster_name:`, or remove "
     "`production: true`)\n"},
    {"RepeatedKey", with_database("- name: db\n  engine: PG\n  engine: MYSQL\n"),
     "f:5:3: error: the key `engine` was already given at line 4 (remove one of the two)\n"},
    {"SecondDocument", "name: shop\n---\nname: other\n",
     "f:2:1: error: a second document begins here (keep one document in the file)\n"},
    {"KeyCase", "name: shop\nDatabases:\n- name: db\n  ENGINE: PG\n",
     "f:2:1: warning: the key `Databases` is written `databases` (write `databases`)\n"
     "f:4:3: warning: the key `ENGINE` is written `engine` (write `engine`)\n"},
    {"KeyInTwoCases", "name: shop\nName: other\n",
     "f:2:1: error: the key `Name` is `name` in another case (remove one of the two)\n"},

    {"EmptyFile", "", "f:1:1: error: the file is empty (an App Spec begins with `name: …`)\n"},
    {"OnlyAComma", ",", "f:1:1: error: a text cannot begin with this character (quote the text)\n"},
    {"OnlyAComment", "# nothing\n",
     "f:1:1: error: the file is empty (an App Spec begins with `name: …`)\n"},
};
INSTANTIATE_TEST_SUITE_P(LetThroughElsewhere, AppSpecReading,
                         testing::ValuesIn(kLetThroughElsewhere),
                         [](const auto& row) { return row.param.name; });

const Case kTakenAsElsewhere[] = {
    {"NoDatabases", "name: shop\ndatabases:\n", ""},
    {"NullDatabases", "name: shop\ndatabases: null\n", ""},
    {"YesIsTrue", with_database("- name: db\n  production: yes\n  cluster_name: main\n"), ""},
    {"MergeKeysInAList",
     with_database("- &common\n  name: db\n  engine: PG\n- <<: *common\n  name: other\n"), ""},
    {"DoubleHyphen", "name: foo--x\n", ""},
    {"TabsInJson", "{\n\t\"name\": \"shop\",\n\t\"services\": []\n}", ""},
    {"ByteOrderMark", "\xef\xbb\xbfname: shop\n", ""},
    {"Template", "spec:\n  name: shop\n", ""},
    {"EmptySecondDocument", "name: shop\n---\n", ""},
    {"UnspecifiedKind", "name: shop\njobs:\n- {name: job, kind: UNSPECIFIED}\n", ""},
};
INSTANTIATE_TEST_SUITE_P(TakenAsElsewhere, AppSpecReading, testing::ValuesIn(kTakenAsElsewhere),
                         [](const auto& row) { return row.param.name; });

const Case kRefusedElsewhere[] = {
    {"UnquotedVersion", with_database("- name: db\n  version: 16\n"),
     "f:4:12: note: `version` is taken as a text, though it is a number; other readers of the "
     "App Spec refuse it (put it in quotes)\n"},
    {"OctalVersion", with_database("- name: db\n  version: \"012\"\n- name: ee\n  version: 012\n"),
     "f:6:12: error: `012` reads as an octal number without quotes (write it like \"16\")\n"
     "f:6:12: note: `version` is taken as a text, though it is a number; other readers of the "
     "App Spec refuse it (put it in quotes)\n"},
    {"BooleanName", with_database("- name: on\n"),
     "f:3:9: error: `name` must be a text, not a yes-or-no value (put it in quotes)\n"},
    {"QuotedBoolean", with_database("- name: db\n  production: \"true\"\n"),
     "f:4:15: error: `production` must be true or false, not a text (remove the quotes)\n"},
    {"UnknownKey", with_database("- name: db\n  engin: PG\n"),
     "f:4:3: error: unknown key `engin` in an entry of `databases` (did you mean engine?)\n"},
    {"TabIndentation", "name: shop\ndatabases:\n\t- name: db\n",
     "f:3:1: error: a tab is used for indentation (indent with spaces)\n"},
    {"TabAfterSpaces", "name: shop\ndatabases:\n  - name: db\n\t  engine: PG\n",
     "f:4:1: error: a tab is used for indentation (indent with spaces)\n"},
    {"UnquotedValue", with_service("  envs:\n  - key: PORT\n    value: 80\n"),
     "f:6:12: note: `value` is taken as a text, though it is a number; other readers of the App "
     "Spec refuse it (put it in quotes)\n"},
    {"QuotedNumber", with_service("  http_port: \"80\"\n"),
     "f:4:14: error: `http_port` must be a whole number, not a text (remove the quotes)\n"},
    {"NumbersInOtherForms",
     "name: shop\nservices:\n- {name: aa, http_port: 8080.0}\n- {name: bb, http_port: 0x1F90}\n"
     "- {name: cc, http_port: +8_080}\n- {name: dd, http_port: 8e3}\n- {name: ee, http_port: "
     "0777}\n",
     ""},
    {"Fraction", with_service("  http_port: 80.5\n"),
     "f:4:14: error: `http_port` must be a whole number, not `80.5` (write digits only)\n"},
    {"HugeNumber", with_service("  instance_count: 1000000000000000000000000000000\n"),
     "f:4:19: error: `instance_count` must be a whole number, not "
     "`1000000000000000000000000000000` (write digits only)\n"},
    {"NestedUnknownKey", with_service("  health_check:\n    http_pth: /\n"),
     "f:5:5: error: unknown key `http_pth` in `health_check` (did you mean http_path?)\n"},
    {"TemplateWithMore", "spec:\n  name: shop\nname: other\n",
     "f:3:1: error: unknown key `name` in the deploy template (use one of: spec)\n"},
};
INSTANTIATE_TEST_SUITE_P(RefusedElsewhere, AppSpecReading, testing::ValuesIn(kRefusedElsewhere),
                         [](const auto& row) { return row.param.name; });

const Case kWrong[] = {
    {"EmptyListEntry", with_database("-\n"),
     "f:3:1: error: entry 1 of `databases` is empty (fill it in or remove it)\n"},
    {"VariableName", with_service("  envs:\n  - key: 1X\n"),
     "f:5:10: error: `1X` cannot name a variable (use letters, digits and underscores, not "
     "beginning with a digit)\n"},
    {"UnknownScope", with_service("  envs:\n  - {key: X, scope: RUNTIME}\n"),
     "f:5:21: error: `scope` cannot be `RUNTIME`; it is one of: RUN_AND_BUILD_TIME, RUN_TIME, "
     "BUILD_TIME, UNSET (did you mean RUN_TIME?)\n"},
    {"VariableTwiceInOneScope", with_service("  envs:\n  - key: X\n  - key: X\n"),
     "f:6:10: warning: the variable `X` was already given for this scope at line 5; the last one "
     "counts (remove one of the two)\n"},
    {"FolderOutside", with_service("  source_dir: a/../../b\n"),
     "f:4:15: error: `source_dir` `a/../../b` leaves the repository (name a folder below the "
     "repository's root)\n"},
    {"HostileDatabaseName", with_database("- name: db\n  db_name: '\"; DROP DATABASE x; --'\n"),
     "f:4:12: error: `db_name` cannot be `\"; DROP DATABASE x; --` (use letters, digits, hyphens "
     "and underscores, at most 63)\n"},
    {"ReservedDatabaseName", with_database("- name: db\n  db_name: template1\n"),
     "f:4:12: warning: `db_name` is `template1`, which belongs to the server (choose another "
     "name)\n"},
    {"DatabaseNameWithoutMeaning", with_database("- {name: db, engine: KAFKA, db_name: x}\n"),
     "f:3:38: warning: `db_name` means nothing for `KAFKA` (it is for PG and MYSQL only)\n"},
    {"VersionWithBlank", with_database("- name: db\n  version: 16; x\n"),
     "f:4:12: error: `16; x` cannot be a version (write it like \"16\")\n"},
    {"ListOfTexts", "name: shop\ndatabases: [db]\n",
     "f:2:13: error: an entry of `databases` must be a mapping, not a text (begin each database "
     "with `- "
     "name:`)\n"},
    {"SecretsAreNotRepeated", with_service("  envs: hunter2\n"),
     "f:4:9: error: `envs` must be a list, not a text (begin each entry on a line of its own with "
     "`- `)\n"},
    {"ErrorsHideNoReferences",
     "name: shop\nenvs:\n- {key: A, value: '${x.PORT}'}\ndatabases:\n- {name: db, engine: pg}\n",
     "f:3:20: warning: A: `${x.PORT}` names nothing in this app (components are: db)\n"
     "f:5:22: error: `engine` cannot be `pg`; it is one of: PG, MYSQL, REDIS, MONGODB, KAFKA, "
     "OPENSEARCH, VALKEY, UNSET (did you mean PG?)\n"},
    {"AllErrorsAtOnce", "nme: shop\ndatabases:\n- name: DB\n  engine: pg\nservices: 5\n",
     "f:1:1: error: the app has no `name` (add `name:`)\n"
     "f:1:1: error: unknown key `nme` in the app (did you mean name?)\n"
     "f:3:9: error: `DB` cannot be a name: a name starts with a lower-case letter (use lower-case "
     "letters, digits and hyphens, beginning with a letter)\n"
     "f:4:11: error: `engine` cannot be `pg`; it is one of: PG, MYSQL, REDIS, MONGODB, KAFKA, "
     "OPENSEARCH, VALKEY, UNSET (did you mean PG?)\n"
     "f:5:11: error: `services` must be a list, not a number (begin each entry on a line of its "
     "own with `- `)\n"},
    {"KeyOfTheTopLevel", with_service("  databases:\n  - name: db\n"),
     "f:4:3: error: unknown key `databases` in an entry of `services` (move `databases` to the top "
     "level of the file)\n"},
    {"KeyOfAComponent", "name: shop\nbuild_command: make\n",
     "f:2:1: error: unknown key `build_command` in the app (`build_command` belongs in an entry of "
     "`services`)\n"},
    {"EnvForEnvs", with_service("  env:\n  - key: A\n"),
     "f:4:3: error: unknown key `env` in an entry of `services` (did you mean envs?)\n"},
    {"OneAnchorTwice", with_database("- &a {name: db}\n- *a\n"),
     "f:3:13: error: the name `db` is already taken at line 3 (every component of an app needs a "
     "name of its own)\n"},
};
INSTANTIATE_TEST_SUITE_P(Wrong, AppSpecReading, testing::ValuesIn(kWrong),
                         [](const auto& row) { return row.param.name; });

std::string with_job(const std::string& lines) {
  return "name: shop\njobs:\n- name: job\n" + lines;
}

const Case kDoubted[] = {
    {"WordThatIsNotKnown", with_service("  protocol: HTTP22\n"),
     "f:4:13: warning: `protocol` is not known to be `HTTP22`; it is one of: HTTP, HTTP2, "
     "UNSPECIFIED (did you mean HTTP2?)\n"},
    {"AnyRegion", "name: shop\nregion: mars\n", ""},
    {"EmptyWords",
     "name: shop\njobs:\n- {name: job, kind: ''}\ndatabases:\n- {name: db, engine: "
     "''}\n",
     ""},
    {"NumberBeyondItsLimits", with_service("  http_port: 70000\n"),
     "f:4:14: warning: `http_port` is 70000; the platform takes 1 to 65535 (choose a number within "
     "the limits)\n"},
    {"TwoSources", with_service("  github: {repo: a/b}\n  image: {repository: c}\n"),
     "f:5:10: warning: `image` is a second source beside `github` (keep one of them)\n"},
    {"NoSchedule", with_job("  kind: SCHEDULED\n"),
     "f:4:9: warning: a SCHEDULED job has no `schedule` (add `schedule: {cron: \"0 3 * * "
     "*\"}`)\n"},
    {"WrongSchedule", with_job("  kind: SCHEDULED\n  schedule: {cron: '0 3 * *'}\n"),
     "f:5:20: warning: `0 3 * *` is no schedule of five fields (write it like \"0 3 * * *\")\n"},
    {"WrongTimeout", with_job("  timeout: long\n"),
     "f:4:12: warning: `timeout` is no duration: `long` (write it like 30m or 1h30m)\n"},
    {"JobWithoutACommand", with_job("  kind: PRE_DEPLOY\n"),
     "f:4:9: note: this job has no `run_command`, so bough runs no migration for it (add "
     "`run_command:`, or `migration_command:` to the database)\n"},
};
INSTANTIATE_TEST_SUITE_P(Doubted, AppSpecReading, testing::ValuesIn(kDoubted),
                         [](const auto& row) { return row.param.name; });

AppSpec spec_of(const std::string& text) {
  auto reading = read_app_spec(text, "f");
  EXPECT_TRUE(reading.spec) << all_texts(reading);
  return reading.spec ? *reading.spec : AppSpec{*AppName::parse("none")};
}

TEST(AppSpecFields, OfADatabase) {
  const auto spec = spec_of(
      "name: shop\ndatabases:\n- name: db\n  engine: VALKEY\n  version: '8'\n  production: true\n"
      "  cluster_name: main\n  db_name: a\n  db_user: b\n  migration_command: npm run migrate\n"
      "- name: other\n");
  const DatabaseSpec expected{
      *ComponentName::parse("db"), Engine::valkey, "8", true, "main", "a", "b",
      "npm run migrate",           {3, 3}};
  ASSERT_EQ(spec.databases.size(), 2U);
  EXPECT_EQ(spec.databases[0], expected);
  EXPECT_FALSE(spec.databases[1].engine);
  EXPECT_EQ(spec.databases[1].version, "");
}

TEST(AppSpecFields, VersionsKeepTheirText) {
  const auto spec = spec_of("name: shop\ndatabases:\n- name: db\n  version: 1.10\n");
  EXPECT_EQ(spec.databases[0].version, "1.10");
}

TEST(AppSpecFields, OfComponentsInTheOrderOfTheFile) {
  const auto spec = spec_of(
      "name: shop\nworkers:\n- name: work\njobs:\n- {name: one, kind: PRE_DEPLOY, run_command: x}\n"
      "- name: two\nservices:\n- name: web\n  build_command: make\n");
  ASSERT_EQ(spec.components.size(), 4U);
  EXPECT_EQ(spec.components[0].kind, ComponentKind::worker);
  ASSERT_TRUE(spec.components[1].job && spec.components[2].job);
  EXPECT_EQ(spec.components[1].job->kind, JobKind::pre_deploy);
  EXPECT_EQ(spec.components[1].run_command, "x");
  EXPECT_TRUE(migrates(spec.components[1]));
  EXPECT_EQ(spec.components[2].job->kind, JobKind::post_deploy);
  EXPECT_EQ(spec.components[3].build_command, "make");
  EXPECT_FALSE(spec.components[3].job);
}

TEST(AppSpecFields, OfSources) {
  const auto spec = spec_of(
      "name: shop\nservices:\n"
      "- {name: aa, git: {repo_clone_url: https://h/r, branch: main}}\n"
      "- {name: bb, gitlab: {repo: a/b, branch: dev, deploy_on_push: true}}\n"
      "- {name: cc, image: {registry_type: GHCR, registry: a, repository: b, tag: \"1\",\n"
      "   deploy_on_push: {enabled: true}}}\n"
      "- {name: dd, dockerfile_path: Dockerfile, environment_slug: node-js}\n");
  ASSERT_EQ(spec.components.size(), 4U);
  EXPECT_EQ(spec.components[0].source, Source(GitSource{"https://h/r", "main"}));
  EXPECT_EQ(spec.components[1].source, Source(ForgeSource{Forge::gitlab, "a/b", "dev", true}));
  EXPECT_EQ(spec.components[2].source, Source(ImageSource{"GHCR", "a", "b", "1", "", true}));
  EXPECT_EQ(spec.components[3].source, Source(NoSource{}));
  EXPECT_EQ(spec.components[3].dockerfile_path, "Dockerfile");
  EXPECT_EQ(spec.components[3].environment_slug, "node-js");
}

TEST(AppSpecFields, OfJobs) {
  const auto spec = spec_of(
      "name: shop\njobs:\n- name: nightly\n  kind: SCHEDULED\n  timeout: 1h30m\n"
      "  schedule: {cron: '0 3 * * 1-5', time_zone: Europe/Berlin}\n"
      "  termination: {grace_period_seconds: 9}\n- name: plain\n");
  const JobSpec nightly{JobKind::scheduled, Schedule{"0 3 * * 1-5", "Europe/Berlin"},
                        std::chrono::minutes(90), std::chrono::seconds(9)};
  EXPECT_EQ(spec.components.at(0).job, nightly);
  EXPECT_EQ(spec.components.at(1).job, JobSpec{});
}

TEST(AppSpecFields, OfTheApp) {
  const auto spec =
      spec_of("name: shop\nregion: fra\nvpc: {id: abc}\nfeatures: [buildpack-stack=ubuntu-22]\n");
  EXPECT_EQ(spec.region, "fra");
  EXPECT_EQ(spec.vpc, "abc");
  EXPECT_EQ(spec.features, std::vector<std::string>{"buildpack-stack=ubuntu-22"});
}

TEST(AppSpecFields, OfVariables) {
  const auto spec = spec_of(
      "name: shop\nenvs:\n- key: A\n  value: a b\n- {key: B, type: SECRET, scope: BUILD_TIME}\n");
  const std::vector<EnvEntry> expected{{"A", "a b", Scope::run_and_build_time, false, {4, 10}},
                                       {"B", "", Scope::build_time, true, {5, 3}}};
  EXPECT_EQ(spec.envs, expected);
}

TEST(AppSpecFields, FoldersAreRelativeToTheRoot) {
  for (const auto& [written, meant] : std::vector<std::pair<std::string, std::string>>{
           {"/", ""}, {".", ""}, {"./gui", "gui"}, {"/a//b/", "a/b"}, {"a/./b", "a/b"}}) {
    const auto spec = spec_of(with_service("  source_dir: " + written + "\n"));
    EXPECT_EQ(spec.components.at(0).source_dir, meant) << written;
  }
}

TEST(AppSpecReadingLimits, ManyErrorsAreCut) {
  std::string text = "name: shop\nenvs:\n";
  for (int i = 0; i < 500; ++i) text += "- key: 1X\n";
  const auto reading = read_app_spec(text, "f");
  ASSERT_EQ(reading.diagnostics.size(), 101U);
  EXPECT_EQ(reading.diagnostics.back().severity, Severity::note);
}

}  // namespace
}  // namespace bough
