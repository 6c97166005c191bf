#include "spec/config.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

std::string all_texts(const ConfigReading& reading) {
  std::string text;
  for (const Diagnostic& diagnostic : reading.diagnostics) text += to_text(diagnostic) + "\n";
  return text;
}

constexpr std::string_view kFull = R"(
data_dir: /var/lib/bough
journal: postgresql://bough@db.example.com/journal
journal_password: {file: /run/secrets/journal}
listen: "[::1]:0"
poll: 5m
git_timeout: 10s
dev: {binaries: [/opt/pg16/bin], user: bough}
logs: {keep: 7d, most: 100}
instances:
  - name: main-pg
    engine: PG
    url: postgresql://bough@db.example.com:5432/postgres?sslmode=verify-full
    password: {file: /run/secrets/pg}
    ca_cert: {file: certs/ca.pem}
    client_certificate: {file: certs/bough.pem}
    client_key: {file: certs/bough.key}
repositories:
  - name: shop
    url: https://git.example.com/team/shop.git
    credentials:
      username: bot
      password: {env: GIT_TOKEN}
      ssh_key: {file: id}
      known_hosts: {file: hosts}
      ca_cert: {file: ca.pem}
    production_branch: main
    spec: deploy/app.yaml
    branches: {include: ["**"], exclude: ["dependabot/**"]}
    instance: main-pg
    migration_command: npm run migrate
    build_command: npm ci
    build: {wait_for: ci}
    migrations: [db/migrations/**]
    on_unknown: ask
    copy: masked
    copy_refresh: 1h
    masking: [{column: users.email, with: email}, {table: app.sessions, with: empty}]
    spares: 2
    on_branch_deleted: {hold: 2d, dump: false}
    ttl: 30d
    limits: {connections: 20, statement_timeout: 60s, size: 5GiB, idle_timeout: 1h,
             idle_in_transaction_timeout: 1m}
    extensions: [citext, pgcrypto]
    trusted_sources: [{address: 10.0.0.0/8}, {address: "::1", login: shop-production}]
    on_failure: restore
    seed_command: npm run seed
    seed: on_change
    forks: approve
    rehearse: true
    webhooks: [{provider: github, secret: {env: HOOK_SECRET}}]
    commands: operator
    sandbox: off
    network: {build: off, migration: on}
    command_limits: {memory: 4GiB, processes: 100, files: 2000, disk: 20GiB}
    build_timeout: 10m
    migration_timeout: 1h
tokens: [{name: ci, scopes: [read, plan], secret: {env: CI_TOKEN}}]
)";

Config config_of(std::string_view text) {
  auto reading = read_config(text, "bough.yaml");
  EXPECT_TRUE(reading.config) << all_texts(reading);
  EXPECT_EQ(all_texts(reading), "");
  return reading.config ? *std::move(reading.config) : Config{};
}

TEST(ConfigReading, TakesTheDaemonsKeys) {
  const Config config = config_of(kFull);
  EXPECT_EQ(config.data_dir, "/var/lib/bough");
  EXPECT_EQ(config.journal, "postgresql://bough@db.example.com/journal");
  EXPECT_EQ(config.journal_password, SecretSource(FromFile{"/run/secrets/journal"}));
  EXPECT_EQ(config.listen, "[::1]:0");
  EXPECT_EQ(config.poll, 5min);
  EXPECT_EQ(config.git_timeout, 10s);
  EXPECT_EQ(config.server_binaries, std::vector<std::string>{"/opt/pg16/bin"});
  EXPECT_EQ(config.run_as, "bough");
  EXPECT_EQ(config.logs, (LogConfig{7 * 24h, 100}));
  ASSERT_EQ(config.tokens.size(), 1U);
  EXPECT_EQ(config.tokens[0].name, "ci");
  EXPECT_EQ(config.tokens[0].scopes, (std::vector<std::string>{"read", "plan"}));
  EXPECT_EQ(config.tokens[0].secret, SecretSource(FromEnvironment{"CI_TOKEN"}));
}

TEST(ConfigReading, TakesAnInstanceByItsFields) {
  struct Case {
    std::string fields;
    std::string server;
  };
  const Case cases[] = {
      {"host: db.example.com", "host='db.example.com' port='5432' dbname='postgres'"},
      {"host: \"::1\", port: 5433, user: bough, database: main, sslmode: verify-full",
       "host='::1' port='5433' user='bough' dbname='main' sslmode='verify-full'"},
      {"host: /run/postgresql, user: \"o'neil \\\\\"",
       "host='/run/postgresql' port='5432' user='o\\'neil \\\\' dbname='postgres'"}};
  for (const Case& c : cases) {
    const Config config = config_of("repositories: []\ninstances: [{name: a, " + c.fields + "}]\n");
    ASSERT_EQ(config.instances.size(), 1U) << c.fields;
    EXPECT_EQ(config.instances[0].url, c.server);
  }
}

TEST(ConfigReading, TakesAnInstance) {
  const Config config = config_of(kFull);
  ASSERT_EQ(config.instances.size(), 1U);
  const InstanceConfig& instance = config.instances[0];
  EXPECT_EQ(instance.name.text(), "main-pg");
  EXPECT_EQ(instance.engine, Engine::pg);
  EXPECT_EQ(instance.url, "postgresql://bough@db.example.com:5432/postgres?sslmode=verify-full");
  EXPECT_EQ(instance.password, SecretSource(FromFile{"/run/secrets/pg"}));
  EXPECT_EQ(instance.ca_cert_file, "certs/ca.pem");
  EXPECT_EQ(instance.certificate_file, "certs/bough.pem");
  EXPECT_EQ(instance.key_file, "certs/bough.key");
  EXPECT_EQ(instance.at, (Position{11, 5}));
}

TEST(ConfigReading, TakesARepositorysSource) {
  const Config config = config_of(kFull);
  ASSERT_EQ(config.repositories.size(), 1U);
  const RepositoryConfig& repository = config.repositories[0];
  EXPECT_EQ(repository.name.text(), "shop");
  EXPECT_EQ(repository.url, "https://git.example.com/team/shop.git");
  EXPECT_EQ(repository.credentials.username, "bot");
  EXPECT_EQ(repository.credentials.password, SecretSource(FromEnvironment{"GIT_TOKEN"}));
  EXPECT_EQ(repository.credentials.ssh_key_file, "id");
  EXPECT_EQ(repository.credentials.known_hosts_file, "hosts");
  EXPECT_EQ(repository.credentials.ca_cert_file, "ca.pem");
  EXPECT_EQ(repository.production_branch, *BranchName::parse("main"));
  EXPECT_EQ(repository.spec, "deploy/app.yaml");
  EXPECT_EQ(repository.exclude, std::vector<std::string>{"dependabot/**"});
  ASSERT_EQ(repository.webhooks.size(), 1U);
  EXPECT_EQ(repository.webhooks[0].provider, "github");
  EXPECT_EQ(repository.webhooks[0].secret, SecretSource(FromEnvironment{"HOOK_SECRET"}));
}

TEST(ConfigReading, TakesWhatIsDoneForARepository) {
  const RepositoryConfig repository = config_of(kFull).repositories.at(0);
  EXPECT_EQ(repository.instance, *InstanceName::parse("main-pg"));
  EXPECT_EQ(repository.migration_command, "npm run migrate");
  EXPECT_EQ(repository.build_command, "npm ci");
  EXPECT_EQ(repository.wait_for, "ci");
  EXPECT_EQ(repository.migrations, std::vector<std::string>{"db/migrations/**"});
  EXPECT_EQ(repository.on_unknown, OnUnknown::ask);
  EXPECT_EQ(repository.commands, CommandPolicy::operators);
  EXPECT_EQ(repository.sandbox, Sandbox::off);
  EXPECT_EQ(repository.network, (NetworkConfig{false, true}));
  EXPECT_EQ(repository.command_limits, (CommandLimits{4LL << 30, 100, 2000, 20LL << 30}));
  EXPECT_EQ(repository.build_timeout, 10min);
  EXPECT_EQ(repository.migration_timeout, 1h);
}

TEST(ConfigReading, TakesWhatDatabasesBeginWithAndComeTo) {
  const RepositoryConfig repository = config_of(kFull).repositories.at(0);
  const std::vector<MaskingRule> masking{{"users", "email", "email"},
                                         {"app.sessions", "", "empty"}};
  EXPECT_EQ(repository.copies, (CopyConfig{Copy::masked, 1h, masking, 2}));
  EXPECT_EQ(repository.hold, 48h);
  EXPECT_FALSE(repository.dump);
  EXPECT_EQ(repository.ttl, milliseconds(30 * 24h));
  EXPECT_EQ(repository.limits, (Limits{20, 1min, 5LL << 30, 1h, 1min}));
  EXPECT_EQ(repository.extensions, (std::vector<std::string>{"citext", "pgcrypto"}));
  EXPECT_EQ(repository.trusted_sources,
            (std::vector<TrustedSource>{{"10.0.0.0/8", {}}, {"::1", "shop-production"}}));
  EXPECT_EQ(repository.on_failure, OnFailure::restore);
  EXPECT_EQ(repository.seed, (SeedConfig{"npm run seed", SeedWhen::on_change}));
  EXPECT_EQ(repository.forks, Forks::approve);
  EXPECT_TRUE(repository.rehearse);
}

TEST(ConfigReading, HasDefaults) {
  EXPECT_TRUE(read_config("", "f").config);
  const Config config = config_of("repositories: [{name: shop, url: ./shop}]");
  EXPECT_EQ(config.journal, "dev");
  EXPECT_EQ(config.poll, 60s);
  const RepositoryConfig& repository = config.repositories.at(0);
  EXPECT_EQ(repository.include, std::vector<std::string>{"**"});
  EXPECT_EQ(repository.hold, 7 * 24h);
  EXPECT_TRUE(repository.dump);
  EXPECT_EQ(repository.copies, CopyConfig{});
  EXPECT_EQ(repository.commands, CommandPolicy::branch);
  EXPECT_EQ(repository.sandbox, Sandbox::required);
  EXPECT_EQ(repository.network, (NetworkConfig{true, false}));
  EXPECT_EQ(repository.command_limits, CommandLimits{});
  EXPECT_EQ(config.logs, LogConfig{});
  EXPECT_FALSE(repository.instance);
  EXPECT_FALSE(repository.wait_for);
  EXPECT_FALSE(repository.on_unknown);
  EXPECT_TRUE(repository.migrations.empty());
}

struct Case {
  std::string name;
  std::string text;
  std::string says;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class WrongConfig : public testing::TestWithParam<Case> {};
TEST_P(WrongConfig, IsExplained) {
  const auto reading = read_config(GetParam().text, "f");
  EXPECT_EQ(all_texts(reading), GetParam().says);
  EXPECT_FALSE(reading.config);
}

std::string with_repository(const std::string& lines) {
  return "repositories:\n- name: shop\n  url: ./shop\n" + lines;
}

const Case kWrong[] = {
    {"UnknownKey", "pol: 60s\n",
     "f:1:1: error: unknown key `pol` in bough.yaml (did you mean poll?)\n"},
    {"KeyInAnotherCase", "Poll: 60s\n",
     "f:1:1: error: unknown key `Poll` in bough.yaml (did you mean poll?)\n"},
    {"RepeatedName", "repositories: [{name: a, url: ./a}, {name: a, url: ./b}]\n",
     "f:1:44: error: the name `a` is already taken at line 1 (names of one list must differ)\n"},
    {"UnknownInstance",
     "instances: [{name: main, url: 'postgres://h'}]\n" + with_repository("  instance: mian\n"),
     "f:5:13: error: there is no instance `mian` (did you mean main?)\n"},
    {"NoInstances", with_repository("  instance: main\n"),
     "f:4:13: error: there is no instance `main` (add it to `instances`)\n"},
    {"ReservedInstance", "instances: [{name: dev-x, url: 'postgres://h'}]\n",
     "f:1:20: error: names that begin with `dev-` are bough's own instances (choose another "
     "name)\n"},
    {"PasswordInInstanceUrl", "instances: [{name: main, url: 'postgresql://u:hunter2@h/db'}]\n",
     "f:1:31: error: `url`: a password stands inside the URL (remove it and add `password: {env: "
     "NAME}`)\n"},
    {"PasswordInQuery",
     "instances: [{name: main, url: 'postgresql://h/db?sslmode=require&password=hunter2'}]\n",
     "f:1:31: error: `url`: a password stands inside the URL (remove it and add `password: {env: "
     "NAME}`)\n"},
    {"PasswordInPairs", "instances: [{name: main, url: 'host=h password = hunter2'}]\n",
     "f:1:31: error: `url`: a password stands inside the URL (remove it and add `password: {env: "
     "NAME}`)\n"},
    {"PasswordInRepositoryUrl", "repositories: [{name: shop, url: 'https://u:hunter2@h/x'}]\n",
     "f:1:34: error: `url`: a password stands inside the URL (remove it and add `password: {env: "
     "NAME}`)\n"},
    {"PasswordInJournal", "journal: postgresql://u:hunter2@h/x\n",
     "f:1:10: error: `journal`: a password stands inside the URL (remove it and add `password: "
     "{env: NAME}`)\n"},
    {"JournalOfAnotherEngine", "journal: mysql://h/x\n",
     "f:1:10: error: `journal`: the URL of an instance of PG begins with postgresql:// (write "
     "postgresql://user@host:port/…)\n"},
    {"JournalPasswordWithoutUrl", "journal_password: {env: X}\n",
     "f:1:19: error: `journal_password` is for a journal with a URL only (remove it)\n"},
    {"SecretWrittenOut", "instances: [{name: main, url: 'postgres://h', password: hunter2}]\n",
     "f:1:57: error: `password` must be a mapping, not a text (secrets are not written into this "
     "file: use {file: PATH} or {env: NAME})\n"},
    {"SecretFromTwoPlaces", "journal: postgres://h/x\njournal_password: {env: X, file: y}\n",
     "f:2:19: error: `journal_password` needs exactly one of `file` and `env` (write {file: PATH} "
     "or {env: NAME})\n"},
    {"PollTooFast", "poll: 500ms\n",
     "f:1:7: error: `poll` must be at least 1s (write it like 90s, 5m or 7d)\n"},
    {"DurationWithoutUnit", "poll: 60\n",
     "f:1:7: error: `poll` must be a duration, not `60` (write it like 90s, 5m or 7d)\n"},
    {"NegativeDuration", with_repository("  on_branch_deleted: {hold: -1d}\n"),
     "f:4:29: error: `hold` must be a duration, not `-1d` (write it like 90s, 5m or 7d)\n"},
    {"Size", with_repository("  limits: {size: 5 gigs, connections: 0}\n"),
     "f:4:18: error: `size` must be a size, not `5 gigs` (write it like 512MiB or 5GiB)\n"
     "f:4:39: error: `connections` must be from 1 to 100000 (write a number such as 20)\n"},
    {"CommandLimits", with_repository("  command_limits: {memory: 1MiB, disk: much, files: 0}\n"),
     "f:4:28: error: `memory` must be at least 16MiB (write it like 512MiB or 5GiB)\n"
     "f:4:40: error: `disk` must be a size, not `much` (write it like 512MiB or 5GiB)\n"
     "f:4:53: error: `files` must be from 1 to 100000000 (write a number such as 1000000)\n"},
    {"AutomaticSandbox", with_repository("  sandbox: auto\n"),
     "f:4:12: error: `sandbox` cannot be `auto`; it is one of: required, off (use a word of the "
     "list)\n"},
    {"Commands", with_repository("  commands: operators\n"),
     "f:4:13: error: `commands` cannot be `operators`; it is one of: branch, operator, none (did "
     "you mean operator?)\n"},
    {"Logs", "logs: {keep: 1s, most: 0}\n",
     "f:1:14: error: `keep` must be at least 1m (write it like 90s, 5m or 7d)\n"
     "f:1:24: error: `most` must be from 1 to 100000000 (write a number such as 5000)\n"},
    {"Masking", with_repository("  masking: [{column: email, with: hash}]\n"),
     "f:4:13: error: this rule names neither a column nor a table to empty (write {column: "
     "users.email, with: email} or {table: sessions, with: empty})\n"},
    {"MaskedBlindly", with_repository("  copy: masked\n"),
     "f:4:9: error: `copy: masked` needs `masking` (say what to hide, such as masking: [{column: "
     "users.email, with: email}])\n"},
    {"SeedOfNothing", with_repository("  seed: always\n"),
     "f:4:9: error: `seed` needs `seed_command` (add seed_command: or remove seed:)\n"},
    {"Copy", with_repository("  copy: dta\n"),
     "f:4:9: error: `copy` cannot be `dta`; it is one of: none, schema, data, masked (did you mean "
     "data?)\n"},
    {"Provider", with_repository("  webhooks: [{provider: githob, secret: {env: X}}]\n"),
     "f:4:25: error: `provider` cannot be `githob`; it is one of: github, gitlab, gitea, forgejo, "
     "gogs, bitbucket, bitbucket-server, azure, generic, standard (did you mean github?)\n"},
    {"PublicUrl", "public_url: https://me:secret@example.com\n",
     "f:1:13: error: `public_url`: this is no URL that others can reach bough at (write "
     "https://bough.example.com)\n"},
    {"InstanceOfNothing", "instances: [{name: a, user: bough}]\n",
     "f:1:13: error: an entry of `instances` has neither `url` nor `host` (add `url:`)\n"},
    {"InstanceTwice", "instances: [{name: a, host: b, url: 'postgres://c/d'}]\n",
     "f:1:29: error: `host` and `url` exclude each other (remove one of them)\n"},
    {"InstanceFields", "instances: [{name: a, host: b, sslmode: verify, port: x}]\n",
     "f:1:41: error: `sslmode` cannot be `verify`; it is one of: disable, allow, prefer, require, "
     "verify-ca, verify-full (use a word of the list)\n"
     "f:1:55: error: `port` must be a whole number, not `x` (write digits only)\n"},
    {"Tls", "tls: {certificate: {file: a.pem}}\n",
     "f:1:6: error: `tls` has no `key` (add `key:`)\n"},
    {"TokenOfNothing", "tokens: [{name: ci, scopes: [raed], repositories: [], secret: {env: X}}]\n",
     "f:1:30: error: an entry of `scopes` cannot be `raed`; it is one of: read, plan, apply, "
     "approve, admin (did you mean read?)\n"
     "f:1:51: error: `repositories` is empty (leave it out for all)\n"},
    {"Listen", "listen: localhost\n",
     "f:1:9: error: `listen`: this is no address to listen on (write 127.0.0.1:7420)\n"},
    {"Branch", with_repository("  production_branch: 'a b'\n"),
     "f:4:22: error: `production_branch` cannot be `a b` (a branch name holds no blank, control "
     "character or any of ~ ^ : ? * [ \\)\n"},
    {"SpecOutside", with_repository("  spec: ../app.yaml\n"),
     "f:4:9: error: `spec` cannot be `../app.yaml` (name a file relative to the repository's root, "
     "such as app.yaml)\n"},
    {"NegatedGlob", with_repository("  branches: {include: ['!main']}\n"),
     "f:4:24: error: `include`: a pattern cannot be negated by `!` (list it under `exclude`)\n"},
    {"EmptyInclude", with_repository("  branches: {include: []}\n"),
     "f:4:23: error: `include` is empty: no branch would be watched (write [\"**\"] for all)\n"},
    {"MissingKeys", "repositories: [{}]\ntokens: [{name: ci, scopes: [], secret: {env: X}}]\n",
     "f:1:16: error: an entry of `repositories` has no `name` (add `name:`)\n"
     "f:1:16: error: an entry of `repositories` has no `url` (add `url:`)\n"
     "f:2:29: error: `scopes` is empty (write [read])\n"},
};
INSTANTIATE_TEST_SUITE_P(All, WrongConfig, testing::ValuesIn(kWrong),
                         [](const auto& row) { return row.param.name; });

TEST(RepositoryUrls, OfEveryFormAreTaken) {
  for (const char* url : {"https://h/x.git", "https://bot@h:8443/x", "http://h/x",
                          "ssh://git@h:22/x", "git://h/x", "ssh://[::1]/x", "file:///srv/x.git",
                          "git@h:team/x.git", "h:x", "/srv/x.git", "./x", "../x", "."})
    config_of("repositories: [{name: shop, url: '" + std::string(url) + "'}]");
}

TEST(RepositoryUrls, ThatRunSomethingAreRefused) {
  for (const char* url :
       {"ext::sh -c true", "ext::sh", "fd::3", "a-b::c", "--upload-pack=x", "-x", "ssh://-oX/y",
        "ssh://-l@h/y", "-oX:y", "h:-x", "ftp://h/x", "https:///x", "x", "team/x", "",
        "https://h/x\\ty", "https://h/a b", "javascript:alert"}) {
    const auto reading =
        read_config("repositories: [{name: shop, url: \"" + std::string(url) + "\"}]", "f");
    const bool scp = std::string(url) == "javascript:alert";
    EXPECT_EQ(reading.config.has_value(), scp) << url;
  }
}

TEST(InstanceUrls, OfEachEngineAreTaken) {
  for (const char* pair :
       {"PG, url: 'postgres:///db?host=/tmp'", "PG, url: 'host=/tmp port=5432 user=x'",
        "PG, url: 'postgresql://u@a:1,b:2/db'", "MYSQL, url: 'mysql://h'",
        "VALKEY, url: 'rediss://h:1'", "REDIS, url: 'redis://h'", "MONGODB, url: 'mongodb+srv://h'",
        "KAFKA, url: 'kafka://h'", "OPENSEARCH, url: 'https://h:9200'"})
    config_of("instances: [{name: main, engine: " + std::string(pair) + "}]");
}

TEST(Watched, IsIncludedAndNotExcluded) {
  const RepositoryConfig repository = config_of(kFull).repositories.at(0);
  EXPECT_TRUE(watched(repository, *BranchName::parse("feature/x")));
  EXPECT_FALSE(watched(repository, *BranchName::parse("dependabot/npm/x")));
}

}  // namespace
}  // namespace bough
