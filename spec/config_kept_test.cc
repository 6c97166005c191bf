#include <gtest/gtest.h>

#include <set>

#include "spec/config.h"
#include "spec/config_shape.h"
#include "spec/config_text.h"
#include "spec/shape.h"

namespace bough {
namespace {

const Setting kServer{
    SettingKind::instance, "main-pg",
    R"({"name": "main-pg", "url": "postgresql://bough@db.example.com/postgres"})"};
const Setting kShop{SettingKind::repository, "shop",
                    R"({"name": "shop", "url": "https://git.example.com/shop.git"})"};
const Setting kAssigned{SettingKind::assignment, "shop",
                        R"({"instance": "main-pg", "migration_command": "npm run migrate"})"};
constexpr const char* kShopInFile =
    "repositories:\n  - name: shop\n    url: https://git.example.com/shop.git\n";

std::string said(const ConfigReading& reading) {
  std::string text;
  for (const Diagnostic& one : reading.diagnostics) text += to_text(one) + "\n";
  return text;
}

TEST(KeptSettings, CountAsIfTheyStoodInTheFile) {
  const auto reading = read_config("poll: 5s\n", "f", {kServer, kShop, kAssigned});
  ASSERT_TRUE(reading.config) << said(reading);
  EXPECT_EQ(to_yaml(*reading.config),
            "poll: 5s\n"
            "instances:\n"
            "  - name: \"main-pg\"\n"
            "    engine: PG\n"
            "    url: \"postgresql://bough@db.example.com/postgres\"\n"
            "repositories:\n"
            "  - name: \"shop\"\n"
            "    url: \"https://git.example.com/shop.git\"\n"
            "    instance: \"main-pg\"\n"
            "    migration_command: \"npm run migrate\"\n");
}

TEST(KeptSettings, AssignARepositoryOfTheFile) {
  const auto reading = read_config(kShopInFile, "f", {kServer, kAssigned});
  ASSERT_TRUE(reading.config) << said(reading);
  EXPECT_EQ(reading.config->repositories.front().instance->text(), "main-pg");
}

struct Case {
  const char* name;
  const char* text;
  std::vector<Setting> kept;
  const char* says;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}
class KeptSettingsThatDoNotFit : public testing::TestWithParam<Case> {};
TEST_P(KeptSettingsThatDoNotFit, AreReported) {
  const auto reading = read_config(GetParam().text, "f", GetParam().kept);
  EXPECT_NE(said(reading).find(GetParam().says), std::string::npos) << said(reading);
}
INSTANTIATE_TEST_SUITE_P(
    Config, KeptSettingsThatDoNotFit,
    testing::Values(
        Case{"NameOfTheFile", kShopInFile, {kShop}, "already taken"},
        Case{"SetInTheFileToo",
             "repositories:\n  - {name: shop, url: /srv/a.git, instance: dev-pg15}\n",
             {kServer, kAssigned},
             "`instance` of `shop` is set here and by `bough assign`"},
        Case{"NoSuchInstance", kShopInFile, {kAssigned}, "there is no instance `main-pg`"},
        Case{"NoSuchRepository", "poll: 5s\n", {kServer, kAssigned}, "is not there"},
        Case{"NoDocument", "", {{SettingKind::repository, "x", "["}}, "cannot be read"}),
    [](const auto& row) { return row.param.name; });

/// Every key once, none as by default.
constexpr const char* kEverything = R"(
data_dir: /var/lib/bough
journal: postgresql://bough@db.example.com/bough
journal_password: {env: JOURNAL}
listen: 0.0.0.0:7421
public_url: https://bough.example.com
tls: {certificate: {file: tls.pem}, key: {file: tls-key.pem}}
poll: 90s
git_timeout: 2m
dev: {binaries: [/opt/pg/bin], user: nobody}
logs: {keep: 10d, most: 7}
dumps: {keep: 30d}
instances:
  - name: main-pg
    engine: PG
    url: postgresql://bough@db.example.com:5433/postgres?sslmode=verify-full
    password: {file: "/run/secrets/#pg"}
    ca_cert: {file: certs/ca.pem}
    client_certificate: {file: certs/bough.pem}
    client_key: {file: certs/bough.key}
repositories:
  - name: shop
    url: https://git.example.com/team/shop.git
    credentials:
      username: "on"
      password: {env: GIT_TOKEN}
      ca_cert: {file: git-ca.pem}
    production_branch: "16"
    spec: deploy/app.yaml
    branches: {include: ["feature/**", "null"], exclude: ["dependabot/**"]}
    instance: main-pg
    migration_command: "npm run migrate # all\n"
    build_command: 'echo "a: b"'
    build: {wait_for: "ci: all"}
    migrations: ["sql/**"]
    on_unknown: rerun
    copy: masked
    copy_refresh: 1h
    masking: [{column: app.users.email, with: email}, {table: sessions, with: empty}]
    spares: 2
    on_branch_deleted: {hold: 36h, dump: false}
    ttl: 30d
    limits: {connections: 20, statement_timeout: 1500ms, size: 5GiB, idle_timeout: 1h,
             idle_in_transaction_timeout: 1m}
    extensions: [citext]
    trusted_sources: [{address: 10.0.0.0/8, login: shop-production}]
    on_failure: restore
    seed_command: npm run seed
    seed: always
    forks: approve
    rehearse: true
    webhooks: [{provider: github, secret: {env: HOOK_SECRET}}]
    commands: none
    sandbox: off
    network: {build: off}
    command_limits: {memory: 4GiB, files: 2000}
    build_timeout: 5m
    migration_timeout: 90m
  - name: blog
    url: git@git.example.com:team/blog.git
    credentials: {ssh_key: {file: key}, known_hosts: {file: hosts}}
tokens: [{name: ci, scopes: [read, plan], repositories: [shop], secret: {env: CI_TOKEN}}]
)";

void add_keys(const Shape& shape, std::set<std::string>& names) {
  if (const auto* list = std::get_if<List>(&shape.form)) add_keys(*list->item, names);
  const auto* object = std::get_if<Object>(&shape.form);
  if (!object) return;
  for (const Key& key : object->keys) {
    names.insert(std::string(key.name));
    add_keys(*key.shape, names);
  }
}

TEST(ConfigText, LeavesNoKeyOut) {
  const auto reading = read_config(kEverything, "f");
  ASSERT_TRUE(reading.config) << said(reading);
  const std::string text = to_yaml(*reading.config);
  std::set<std::string> keys;
  add_keys(config_shape(), keys);
  for (const char* said_by_url : {"host", "port", "database", "sslmode"}) keys.erase(said_by_url);
  for (const std::string& key : keys)
    EXPECT_TRUE(text.find(key + ": ") != std::string::npos ||
                text.find(key + ":\n") != std::string::npos)
        << key << " is not in\n"
        << text;
}

TEST(ConfigText, IsReadToTheSame) {
  const auto first = read_config(kEverything, "f");
  ASSERT_TRUE(first.config) << said(first);
  const std::string text = to_yaml(*first.config);
  const auto second = read_config(text, "f");
  ASSERT_TRUE(second.config) << text << said(second);
  EXPECT_EQ(to_yaml(*second.config), text);
  for (const char* part : {"/var/lib/bough",
                           "bough@db.example.com/bough",
                           "JOURNAL",
                           "0.0.0.0:7421",
                           "1m30s",
                           "2m",
                           "/opt/pg/bin",
                           "nobody",
                           "verify-full",
                           "#pg",
                           "certs/ca.pem",
                           "\"on\"",
                           "GIT_TOKEN",
                           "git-ca.pem",
                           "\"16\"",
                           "deploy/app.yaml",
                           "feature/**",
                           "\"null\"",
                           "dependabot/**",
                           "npm run migrate # all\\n",
                           "echo \\\"a: b\\\"",
                           "masked",
                           "app.users.email",
                           "1d12h",
                           "dump: false",
                           "connections: 20",
                           "1s500ms",
                           "5368709120",
                           "HOOK_SECRET",
                           "commands: \"none\"",
                           "sandbox: \"off\"",
                           "build: \"off\"",
                           "4294967296",
                           "files: 2000",
                           "keep: 10d",
                           "5m",
                           "1h30m",
                           "hosts",
                           "CI_TOKEN"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
}

}  // namespace
}  // namespace bough
