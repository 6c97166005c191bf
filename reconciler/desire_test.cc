#include "reconciler/desire.h"

#include <gtest/gtest.h>

#include "reconciler/testing.h"

namespace bough {
namespace {

using namespace testing_world;

const Abilities kAbilities{
    [](Engine engine) { return engine == Engine::pg; },
    [](Engine, std::string_view version) {
      return instance("dev-pg" + (version.empty() ? std::string("15") : std::string(version)));
    }};

RepositoryConfig config() {
  return read_config("repositories:\n  - name: shop\n    url: https://git.example.com/shop.git\n",
                     "bough.yaml")
      .config->repositories.front();
}

BranchSource source(std::string_view branch, std::string_view spec) {
  return {*BranchName::parse(branch), commit(), read_app_spec(spec, "app.yaml")};
}

/// What one repository with these branches asks for; `main` is the remote's HEAD.
Desired desired(const RepositoryConfig& config, std::vector<BranchSource> branches) {
  const std::size_t count = branches.size();
  return desired_from({{config, Listed{std::move(branches), *BranchName::parse("main"), count}}},
                      kAbilities);
}

constexpr std::string_view kSpec = "name: shop\ndatabases:\n- name: db\n  engine: PG\n";

TEST(Desire, GivesProductionToTheHeadBranchAndBranchesToTheOthers) {
  const Desired result = desired(config(), {source("main", kSpec), source("x", kSpec)});
  ASSERT_EQ(result.homes.size(), 2U);
  EXPECT_EQ(result.homes[0].home, home(Production{}));
  EXPECT_EQ(result.homes[1].home, home(on("x")));
  EXPECT_EQ(result.homes[1].databases.front().instance, instance("dev-pg15"));
}

/// What is wanted for a commit that came by this reference, with `copy: data`.
WantedHome preview_by(const char* ref, Author author) {
  RepositoryConfig copying = config();
  copying.copies.what = Copy::data;
  BranchSource of = source("main", kSpec);
  of.branch = *BranchName::parse(ref);
  Listed listed{{source("main", kSpec)}, *BranchName::parse("main"), 1};
  listed.previews.push_back({std::move(of), author});
  const Desired result = desired_from({{copying, std::move(listed)}}, kAbilities);
  EXPECT_EQ(result.homes.size(), 2U);
  return result.homes.back();
}

TEST(Desire, GivesPreviewsEnvironmentsOfTheirCommits) {
  const WantedHome preview = preview_by("refs/heads/main", Author::pusher);
  EXPECT_EQ(preview.home, home(Preview{commit()}));
  EXPECT_EQ(preview.databases.front().copies.what, Copy::data);
  EXPECT_TRUE(may_see_data(preview));
}

TEST(Desire, Row82_GivesStrangersNoneOfProductionsRows) {
  const WantedHome preview = preview_by("refs/pull/7/head", Author::stranger);
  EXPECT_EQ(preview.author, Author::stranger);
  EXPECT_EQ(preview.databases.front().copies.what, Copy::none);
  EXPECT_FALSE(may_see_data(preview));
}

TEST(Desire, ConfiguredProductionBranchWinsOverTheHead) {
  RepositoryConfig chosen = config();
  chosen.production_branch = *BranchName::parse("x");
  const Desired result = desired(chosen, {source("main", kSpec), source("x", kSpec)});
  EXPECT_EQ(result.homes[0].home, home(on("main")));
  EXPECT_EQ(result.homes[1].home, home(Production{}));
}

TEST(Desire, DoesNotSpeakForARepositoryThatListsNothing) {
  EXPECT_TRUE(desired(config(), {}).speaks_for.empty());
  const RepositoryConfig unreachable = config();
  const Desired silent = desired_from({{unreachable, Unlisted{"connection refused"}}}, kAbilities);
  EXPECT_TRUE(silent.speaks_for.empty());
  ASSERT_EQ(silent.diagnostics.size(), 1U);
}

TEST(Desire, HoldsAMissingOrWrongSpecForUnreadable) {
  const Desired result = desired(config(), {source("main", kSpec),
                                            source("wrong", "name: [\n"),
                                            {*BranchName::parse("none"), commit(), NoSpec{}}});
  EXPECT_EQ(result.unreadable.at(repo()), (std::set<Environment>{on("none"), on("wrong")}));
  EXPECT_EQ(result.homes.size(), 1U);
  EXPECT_FALSE(result.diagnostics.empty());
}

TEST(Desire, ABranchCannotChooseItsServer) {
  const Desired result =
      desired(config(), {source("main",
                                "name: shop\ndatabases:\n- name: db\n  engine: PG\n"
                                "  production: true\n  cluster_name: other-pg\n")});
  ASSERT_EQ(result.refused.size(), 1U);
  EXPECT_NE(result.refused[0].reason.find("other-pg"), std::string::npos);
  EXPECT_TRUE(result.homes.empty());
  EXPECT_TRUE(result.unreadable.at(repo()).contains(Production{}));
}

TEST(Desire, ABoundRepositoryUsesItsInstance) {
  RepositoryConfig bound = config();
  bound.instance = instance("main-pg");
  const Desired result = desired(bound, {source("main",
                                                "name: shop\ndatabases:\n- name: db\n  engine: PG\n"
                                                "  production: true\n  cluster_name: main-pg\n")});
  ASSERT_EQ(result.homes.size(), 1U);
  EXPECT_EQ(result.homes[0].databases[0].instance, instance("main-pg"));
}

TEST(Desire, RefusesEnginesThatItDoesNotServe) {
  const Desired result =
      desired(config(), {source("main",
                                "name: shop\ndatabases:\n- name: cache\n  engine: REDIS\n"
                                "- name: db\n  engine: PG\n")});
  EXPECT_EQ(result.refused.size(), 1U);
  ASSERT_EQ(result.homes.size(), 1U);
  EXPECT_EQ(result.homes[0].databases[0].rank, Rank::first);
}

struct Case {
  std::string name;
  std::string operator_command;
  std::string spec;
  std::vector<std::string> commands;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}
class Migrations : public testing::TestWithParam<Case> {};
TEST_P(Migrations, ComeFromTheOperatorThenTheDatabaseThenTheJobs) {
  RepositoryConfig chosen = config();
  if (!GetParam().operator_command.empty()) chosen.migration_command = GetParam().operator_command;
  const Desired result = desired(chosen, {source("main", GetParam().spec)});
  std::vector<std::string> commands;
  for (const Wanted& one : result.homes.at(0).databases)
    for (const Command& command : one.migrations) commands.push_back(command.text);
  EXPECT_EQ(commands, GetParam().commands);
}
const std::string kJobs =
    "jobs:\n- {name: one, kind: PRE_DEPLOY, run_command: first}\n"
    "- {name: two, kind: POST_DEPLOY, run_command: later}\n"
    "- {name: three, kind: PRE_DEPLOY, run_command: second}\n";
INSTANTIATE_TEST_SUITE_P(
    Sources, Migrations,
    testing::Values(
        Case{"None", "", std::string(kSpec), {}},
        Case{"Jobs", "", std::string(kSpec) + kJobs, {"first", "second"}},
        Case{"Database", "", std::string(kSpec) + "  migration_command: own\n" + kJobs, {"own"}},
        Case{"Operator",
             "npm run migrate",
             std::string(kSpec) + "  migration_command: own\n" + kJobs,
             {"npm run migrate"}}),
    [](const auto& row) { return row.param.name; });

struct PolicyCase {
  std::string name;
  CommandPolicy policy;
  bool operators_own;
  std::vector<std::string> runs;
  std::string says;
};
void PrintTo(const PolicyCase& row, std::ostream* out) {
  *out << row.name;
}
class Row81 : public testing::TestWithParam<PolicyCase> {};
TEST_P(Row81, TheOperatorDecidesWhoseCommandsRun) {
  RepositoryConfig chosen = config();
  chosen.commands = GetParam().policy;
  if (GetParam().operators_own) chosen.migration_command = "trusted";
  const Desired result = desired(
      chosen, {source("main", std::string(kSpec) + "  migration_command: own\nservices:\n"
                                                   "- {name: web, build_command: make}\n")});
  std::vector<std::string> runs;
  for (const Command& command : result.homes.at(0).builds) runs.push_back(command.text);
  for (const Command& command : result.homes.at(0).databases.at(0).migrations)
    runs.push_back(command.text);
  EXPECT_EQ(runs, GetParam().runs);
  std::string says;
  for (const Diagnostic& one : result.diagnostics)
    if (one.code == "commands-left-out") says += one.file + ": " + one.message;
  EXPECT_EQ(says, GetParam().says);
}
INSTANTIATE_TEST_SUITE_P(
    Policies, Row81,
    testing::Values(
        PolicyCase{"Branch", CommandPolicy::branch, false, {"make", "own"}, ""},
        PolicyCase{"BranchAndOperator", CommandPolicy::branch, true, {"make", "trusted"}, ""},
        PolicyCase{"Operator",
                   CommandPolicy::operators,
                   true,
                   {"trusted"},
                   "shop/main: `commands: operator` in bough.yaml keeps from running: "
                   "web.build_command"},
        PolicyCase{"OperatorWithoutOne",
                   CommandPolicy::operators,
                   false,
                   {},
                   "shop/main: `commands: operator` in bough.yaml keeps from running: "
                   "databases.db.migration_command, web.build_command"},
        PolicyCase{"None",
                   CommandPolicy::none,
                   true,
                   {},
                   "shop/main: `commands: none` in bough.yaml keeps from running: bough.yaml, "
                   "web.build_command"}),
    [](const auto& row) { return row.param.name; });

TEST(Desire, UnresolvedReferenceOfACommandRefusesTheRunsOnly) {
  const Desired result =
      desired(config(),
              {source("main", std::string(kSpec) +
                                  "jobs:\n- name: one\n  kind: PRE_DEPLOY\n  run_command: m\n"
                                  "  envs:\n  - {key: CACHE, value: '${cache.DATABASE_URL}'}\n")});
  ASSERT_EQ(result.homes.size() + result.unreadable.size(), 1U);
  EXPECT_TRUE(result.homes.empty() || result.homes[0].runs_refused.has_value());
}

}  // namespace
}  // namespace bough
