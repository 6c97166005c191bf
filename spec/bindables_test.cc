#include "spec/bindables.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace bough {
namespace {

std::string shown(const std::vector<Bindable>& found) {
  std::string text;
  for (const Bindable& bindable : found) text += bindable.component + "|" + bindable.variable + " ";
  return text;
}

TEST(Bindables, AreWhatStandsInBraces) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"plain $HOME $$ {x}", ""},
      {"${db.DATABASE_URL}", "db|DATABASE_URL "},
      {"a${db.HOSTNAME}:${db.PORT}b", "db|HOSTNAME db|PORT "},
      {"${APP_URL}", "|APP_URL "},
      {"${_self.PUBLIC_URL}", "_self|PUBLIC_URL "},
      {"${my-db.pool-1.DATABASE_URL}", "my-db|pool-1.DATABASE_URL "},
      {"${PORT:-8080} ${} ${a b} ${.x} ${x.}", ""},
      {"${db.PORT", ""},
      {"$${db.PORT}", "db|PORT "},
      {"${${db.PORT}}", "db|PORT "},
  };
  for (const auto& [value, expected] : cases) EXPECT_EQ(shown(bindables(value)), expected) << value;
}

std::string expanded(std::string_view value) {
  const auto result = expand(value, [](const Bindable& bindable) -> std::optional<std::string> {
    if (bindable.variable == "PORT") return "${db.PORT}";
    return std::nullopt;
  });
  return result ? *result : "error: " + result.error().message;
}

TEST(Expanding, TakesValuesAsTheyAre) {
  EXPECT_EQ(expanded("a ${db.PORT} ${PORT:-1} $"), "a ${db.PORT} ${PORT:-1} $");
  EXPECT_EQ(expanded("x ${db.NAME}"), "error: `${db.NAME}` cannot be resolved");
}

Endpoint endpoint(Engine engine = Engine::pg) {
  return {engine, "db.example.com", 5432, "shop--main", "shop--main", "pa:ss/w@rd%", "require", ""};
}

TEST(Urls, EncodeEveryPart) {
  EXPECT_EQ(url_of(endpoint()),
            "postgresql://shop--main:pa%3Ass%2Fw%40rd%25@db.example.com:5432/"
            "shop--main?sslmode=require");
}

TEST(Urls, HostsMayBeAddressesAndFolders) {
  Endpoint at = endpoint();
  at.password = "x";
  at.database = "a/é?";
  at.host = "::1";
  EXPECT_EQ(url_of(at), "postgresql://shop--main:x@[::1]:5432/a%2F%C3%A9%3F?sslmode=require");
  at.host = "/run/my pg";
  EXPECT_EQ(url_of(at),
            "postgresql://shop--main:x@/a%2F%C3%A9%3F?host=%2Frun%2Fmy%20pg&port=5432&"
            "sslmode=require");
  at.sslmode = "";
  EXPECT_EQ(url_of(at), "postgresql://shop--main:x@/a%2F%C3%A9%3F?host=%2Frun%2Fmy%20pg&port=5432");
}

TEST(Urls, HaveTheSchemeOfTheEngine) {
  const std::pair<Engine, std::string> cases[] = {
      {Engine::mysql, "mysql://u:p@h:1/d?ssl-mode=REQUIRED"},
      {Engine::mongodb, "mongodb://u:p@h:1/d?tls=true&authSource=admin"},
      {Engine::redis, "rediss://u:p@h:1/d"},
      {Engine::valkey, "rediss://u:p@h:1/d"},
      {Engine::opensearch, "https://u:p@h:1"},
      {Engine::kafka, "h:1"},
  };
  for (const auto& [engine, url] : cases)
    EXPECT_EQ(url_of({engine, "h", 1, "d", "u", "p", "require", ""}), url);
}

TEST(DatabaseVariables, AreThoseOfTheEngine) {
  const std::string url =
      "postgresql://shop--main:pa%3Ass%2Fw%40rd%25@db.example.com:5432/shop--main?sslmode=require";
  const std::map<std::string, std::string> expected{
      {"CA_CERT", ""},
      {"DATABASE", "shop--main"},
      {"DATABASE_PRIVATE_URL", url},
      {"DATABASE_URL", url},
      {"HOSTNAME", "db.example.com"},
      {"JDBC_DATABASE_URL", "jdbc:postgresql://db.example.com:5432/shop--main?sslmode=require"},
      {"PASSWORD", "pa:ss/w@rd%"},
      {"PORT", "5432"},
      {"USERNAME", "shop--main"}};
  EXPECT_EQ(bindables_of(endpoint()), expected);
  EXPECT_FALSE(bindables_of(endpoint(Engine::valkey)).contains("DATABASE"));
  EXPECT_FALSE(bindables_of(endpoint(Engine::kafka)).contains("DATABASE_PRIVATE_URL"));
}

TEST(Injected, AreTheNamesOfPostgresqlClients) {
  const auto injected = injected_for(endpoint());
  EXPECT_EQ(injected.size(), 7U);
  EXPECT_EQ(injected.at("PGPASSWORD"), "pa:ss/w@rd%");
  EXPECT_EQ(injected.at("PGSSLMODE"), "require");
  Endpoint at = endpoint();
  at.ca_cert_file = "/ca.pem";
  EXPECT_EQ(injected_for(at).at("PGSSLROOTCERT"), "/ca.pem");
  at.sslmode = "";
  EXPECT_FALSE(injected_for(at).contains("PGSSLMODE"));
  EXPECT_EQ(injected_for(endpoint(Engine::redis)).size(), 1U);
}

constexpr std::string_view kApp = R"(
name: shop
envs:
- {key: SHARED, value: app}
- {key: LEVEL, value: app}
services:
- name: web
  envs:
  - {key: LEVEL, value: web}
  - {key: URL, value: 'x ${db.DATABASE_URL}'}
  - {key: BOTH, value: both}
  - {key: BOTH, value: run, scope: RUN_TIME}
  - {key: BOTH, value: build, scope: BUILD_TIME}
  - {key: LATE, value: run, scope: RUN_TIME}
  - {key: LATE, value: both}
  - {key: ONLY_BUILD, value: yes it is, scope: BUILD_TIME}
  - {key: SITE, value: '${APP_URL}${_self.PUBLIC_URL}${web.PUBLIC_URL}|'}
  - {key: UNSET, type: SECRET}
  - {key: SEALED, type: SECRET, value: 'EV[1:x:y]'}
  - {key: SHARED, type: SECRET}
  - {key: EMPTY, value: ''}
- name: cached
  envs:
  - {key: URL, value: '${cache.DATABASE_URL}'}
- name: broken
  envs:
  - {key: URL, value: '${db.DATABSE_URL}', type: SECRET}
databases:
- {name: db, engine: PG}
- {name: cache, engine: VALKEY}
)";

AppSpec app() {
  auto reading = read_app_spec(kApp, "app.yaml");
  EXPECT_TRUE(reading.spec);
  return *std::move(reading.spec);
}

std::string variables_of(std::string component, Phase phase, std::string primary) {
  const AppSpec spec = app();
  const std::map<std::string, Endpoint> endpoints{
      {"db", {Engine::pg, "h", 1, "d", "u", "p", "", ""}}};
  const auto result = variables({spec, std::move(component), phase, endpoints, std::move(primary)});
  if (!result) return "error: " + result.error().message;
  std::string text;
  for (const auto& [key, value] : *result) text += key + "=" + value + "\n";
  return text;
}

TEST(Variables, OfAComponentAtRunTime) {
  EXPECT_EQ(variables_of("web", Phase::run, ""),
            "BOTH=run\nEMPTY=\nLATE=run\nLEVEL=web\nSITE=|\nURL=x postgresql://u:p@h:1/d\n");
}

TEST(Variables, OfAComponentAtBuildTime) {
  EXPECT_EQ(variables_of("web", Phase::build, ""),
            "BOTH=build\nEMPTY=\nLATE=both\nLEVEL=web\nONLY_BUILD=yes it is\nSITE=|\n"
            "URL=x postgresql://u:p@h:1/d\n");
}

TEST(Variables, OfTheAppWithItsPrimaryDatabase) {
  EXPECT_EQ(variables_of("", Phase::run, "db"),
            "DATABASE_URL=postgresql://u:p@h:1/d\nLEVEL=app\nPGDATABASE=d\nPGHOST=h\n"
            "PGPASSWORD=p\nPGPORT=1\nPGUSER=u\nSHARED=app\n");
}

TEST(Variables, ThatCannotBeHadAreErrors) {
  EXPECT_EQ(variables_of("cached", Phase::run, ""),
            "error: URL: the database `cache` is not there yet");
  EXPECT_EQ(variables_of("broken", Phase::run, ""),
            "error: URL: `${db.DATABSE_URL}` cannot be resolved");
  EXPECT_EQ(variables_of("none", Phase::run, ""), "error: the app has no component `none`");
  EXPECT_EQ(variables_of("", Phase::run, "cache"), "error: the database `cache` is not there yet");
}

/// The variables of a spec's component `web` at run time, or why there are none.
std::string resolved(const std::string& envs) {
  const auto reading = read_app_spec(
      "name: shop\nenvs:\n- {key: TOP, value: top}\n- {key: DEEP, value: '${TOP}-${db.PORT}'}\n"
      "- {key: SEALED, value: 'EV[1:a:b]'}\n- {key: AT_BUILD, value: x, scope: BUILD_TIME}\n"
      "databases:\n- {name: db}\n- {name: cache, engine: REDIS}\n"
      "workers:\n- name: work\n  envs:\n  - {key: NAME, value: 'w ${TOP}'}\n"
      "services:\n- name: web\n  envs:\n" +
          envs,
      "f");
  EXPECT_TRUE(reading.spec);
  const std::map<std::string, Endpoint> endpoints{
      {"db", {Engine::pg, "h", 1, "d", "u", "p", "", ""}},
      {"cache", {Engine::redis, "r", 2, "0", "", "s", "", ""}}};
  const auto all = variables({*reading.spec, "web", Phase::run, endpoints, ""});
  if (!all) return all.error().message;
  return all->contains("X") ? all->at("X") : "left out";
}

TEST(References, AreFollowed) {
  const std::pair<std::string, std::string> cases[] = {
      {"  - {key: X, value: '${TOP}'}\n", "top"},
      {"  - {key: X, value: '${DEEP}'}\n", "top-1"},
      {"  - {key: X, value: 'a ${work.NAME} ${db.HOSTNAME}'}\n", "a w top h"},
      {"  - {key: X, value: '${_self.Z}'}\n  - {key: Z, value: '${db.USERNAME}'}\n", "u"},
      {"  - {key: X, value: '${db.pool.DATABASE_URL}'}\n", "postgresql://u:p@h:1/d"},
      {"  - {key: X, value: '${cache.REDIS_URL}'}\n", "redis://:s@r:2/0"},
      {"  - {key: TOP, value: 'own ${TOP}'}\n  - {key: X, value: '${TOP}'}\n", "own top"},
      {"  - {key: X, value: '${SEALED}'}\n", "left out"},
      {"  - {key: X, value: '${work.PRIVATE_URL}'}\n", ""},
      {"  - {key: X, value: '${AT_BUILD}'}\n", "X: `${AT_BUILD}` has another scope"},
      {"  - {key: X, value: '${_self.X}'}\n", "X: `X` refers back to itself"},
      {"  - {key: X, value: '${Z}'}\n  - {key: Z, value: '${X}'}\n",
       "X: `X` refers back to itself"},
      {"  - {key: X, value: '${X}'}\n", "X: `${X}` cannot be resolved"},
  };
  for (const auto& [envs, value] : cases) EXPECT_EQ(resolved(envs), value) << envs;
}

TEST(References, Row52_ThatGrowAreRefused) {
  std::string envs = "  - {key: X0, value: xxxxxxxxxxxxxxxx}\n";
  for (int i = 1; i < 60; ++i)
    envs += fmt::format("  - {{key: X{0}, value: '${{X{1}}}${{X{1}}}'}}\n", i, i - 1);
  const std::string said = resolved(envs);
  EXPECT_NE(said.find("grow beyond 4 MiB"), std::string::npos) << said;
}

TEST(References, Row52_ThroughTooManyOthersAreRefused) {
  std::string envs = "  - {key: X, value: '${X1000}'}\n  - {key: X0, value: x}\n";
  for (int i = 1; i <= 1000; ++i)
    envs += fmt::format("  - {{key: X{}, value: '${{X{}}}'}}\n", i, i - 1);
  const std::string said = resolved(envs);
  EXPECT_NE(said.find("through too many others"), std::string::npos) << said;
}

/// What reading a spec says, one line each.
std::string said_of(const std::string& text) {
  std::string says;
  for (const Diagnostic& one : read_app_spec(text, "f").diagnostics) says += to_text(one) + "\n";
  return says;
}

TEST(References, ToNothingNameWhatExists) {
  EXPECT_EQ(said_of("name: shop\nenvs:\n- {key: A, value: 'x ${dbb.PORT}'}\n"
                    "- {key: B, value: '${OTHER}'}\n- {key: C, value: '${db.PROT}'}\n"
                    "- {key: D, value: '${db.pool.PORT} ${B}'}\n"
                    "- {key: E, value: '${_self.X} ${APP_ID} ${db.PORT}'}\n"
                    "- {key: F, value: '${cache.pool.PORT}'}\n"
                    "databases:\n- name: db\n- {name: cache, engine: REDIS}\n"),
            "f:3:22: warning: A: `${dbb.PORT}` names nothing in this app (did you mean "
            "${db.PORT}?)\n"
            "f:4:20: warning: B: `${OTHER}` names nothing in this app (add `OTHER` to "
            "`envs`, or fill it in before the file is pushed; components are: db, cache)\n"
            "f:5:20: warning: C: `db` has no variable `PROT` (did you mean PORT?)\n"
            "f:8:20: warning: F: `cache` has no variable `pool.PORT` (use one of: DATABASE_URL, "
            "HOSTNAME, PORT, USERNAME, PASSWORD, CA_CERT, DATABASE_PRIVATE_URL, REDIS_URL)\n");
}

TEST(References, AreShownPrintable) {
  const std::string said =
      said_of("name: shop\nenvs:\n- {key: \"A\xef\xbb\xbf\", value: '${X} ${A\xef\xbb\xbf.B}'}\n");
  EXPECT_NE(said.find("A\\xef\\xbb\\xbf: `${X}` names nothing"), std::string::npos) << said;
  EXPECT_EQ(said.find("\xef\xbb\xbf"), std::string::npos) << said;
}

TEST(References, OfTheSameComponentNeedNoName) {
  EXPECT_EQ(said_of("name: shop\nservices:\n- name: web\n  envs:\n"
                    "  - {key: URL, value: '${PUBLIC_URL}'}\n"
                    "  - {key: COMMIT, value: '${COMMIT_HASH}'}\n"),
            "");
}

TEST(References, WithoutAnEndAreReported) {
  EXPECT_EQ(said_of("name: shop\nenvs:\n- {key: A, value: '${B}'}\n- {key: B, value: '${A}'}\n"),
            "f:3:19: warning: A: `A` refers back to itself (write one of the values out)\n"
            "f:4:19: warning: B: `A` refers back to itself (write one of the values out)\n");
}

TEST(References, ToOneselfAreToNothing) {
  EXPECT_EQ(said_of("name: shop\nenvs:\n- {key: A, value: '${A}'}\n"),
            "f:3:20: warning: A: `${A}` names nothing in this app (add `A` to `envs`, or "
            "fill it in before the file is pushed; the app has no components)\n");
}

TEST(EncryptedValues, Row54_AreReportedWhereAMigrationMissesThem) {
  EXPECT_EQ(said_of("name: shop\nenvs:\n- {key: A, value: 'EV[1:a:b]'}\n"
                    "services:\n- name: web\n  envs:\n  - {key: B, value: 'EV[1:a:b]'}\n"
                    "jobs:\n- name: migrate\n  kind: PRE_DEPLOY\n  run_command: x\n  envs:\n"
                    "  - {key: C, value: 'EV[1:a:b]'}\n"
                    "  - {key: D, value: 'EV[1:a:b]', scope: BUILD_TIME}\n"),
            "f:3:19: warning: A: the migration `migrate` will not be given this value, which only "
            "the platform can decrypt (keep a value that bough can read, or let the migration do "
            "without)\n"
            "f:13:21: warning: C: the migration `migrate` will not be given this value, which only "
            "the platform can decrypt (keep a value that bough can read, or let the migration do "
            "without)\n");
}

TEST(Scopes, AMigrationGetsTheValueOfRunTime) {
  EXPECT_EQ(resolved("  - {key: X, value: dummy, scope: BUILD_TIME}\n"
                     "  - {key: X, value: '${db.DATABASE_URL}', scope: RUN_TIME}\n"),
            "postgresql://u:p@h:1/d");
}

}  // namespace
}  // namespace bough
