#include "provisioners/postgres/stage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <thread>

#include "provisioners/postgres/testing.h"

namespace bough::postgres {
namespace {

int test_version(const std::string& folder) {
  const auto host = test_host(folder);
  return std::stoi(test_instance(*host).text().substr(std::string("dev-pg").size()));
}

/// One stage for all tests: a server takes its time to start.
class OnStage : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TemporaryFolder>();
    std::vector<std::string> binaries;
    if (const char* more = std::getenv("BOUGH_TEST_BINARIES")) binaries.emplace_back(more);
    auto opened = PrivateStage::open(
        {folder->path() + "/stages", test_version(folder->path()), binaries, test_user()});
    ASSERT_TRUE(opened) << opened.error().message;
    stage = *std::move(opened);
  }
  static void TearDownTestSuite() {
    stage.reset();
    for (const auto& left : std::filesystem::directory_iterator(folder->path() + "/stages"))
      EXPECT_EQ(left.path().filename(), "lock");
    folder.reset();
  }

  static Endpoint made(const std::string& name) {
    auto endpoint = stage->empty(name);
    EXPECT_TRUE(endpoint) << endpoint.error().message;
    return *endpoint;
  }
  static void run(const Endpoint& at, const std::string& statements) {
    auto session = log_in(at);
    ASSERT_TRUE(session) << session.error().message;
    auto done = (*session)->run(statements);
    ASSERT_TRUE(done) << done.error().message;
  }
  /// What statements do to a table of 200,000 orders.
  static Sightings seen(const std::vector<std::string>& statements) {
    const Endpoint at = made("shop--rehearsed");
    run(at,
        "CREATE TABLE public.orders AS SELECT i AS id, 'x'::text AS note FROM "
        "generate_series(1, 200000) i; CREATE TABLE public.old (id int);");
    EXPECT_TRUE(stage->watch(at));
    for (const std::string& statement : statements) run(at, statement);
    auto sightings = stage->sightings();
    EXPECT_TRUE(sightings) << sightings.error().message;
    return sightings ? *sightings : Sightings{};
  }

  static std::unique_ptr<TemporaryFolder> folder;
  static std::unique_ptr<Stage> stage;
};
std::unique_ptr<TemporaryFolder> OnStage::folder;
std::unique_ptr<Stage> OnStage::stage;

const LockTaken kExclusive{"public.orders", "AccessExclusiveLock"};

bool locks(const Sightings& sightings, const LockTaken& lock) {
  return std::any_of(
      sightings.statements.begin(), sightings.statements.end(), [&](const LockingStatement& one) {
        return std::find(one.locks.begin(), one.locks.end(), lock) != one.locks.end();
      });
}

TEST_F(OnStage, ASafeMigrationShowsNothing) {
  const Sightings sightings = seen({"CREATE TABLE public.carts (id int)",
                                    "CREATE INDEX CONCURRENTLY orders_id ON public.orders (id)"});
  EXPECT_EQ(sightings, Sightings{});
}

TEST_F(OnStage, AStrongLockIsToldWithItsStatementAndTime) {
  const Sightings sightings =
      seen({"BEGIN; ALTER TABLE public.orders ADD COLUMN paid bool; SELECT pg_sleep(0.2); COMMIT"});
  ASSERT_EQ(sightings.statements.size(), 1U);
  EXPECT_EQ(sightings.statements.front().tag, "ALTER TABLE");
  EXPECT_EQ(sightings.statements.front().locks, std::vector{kExclusive});
  EXPECT_GE(sightings.statements.front().held, std::chrono::milliseconds(200));
  EXPECT_TRUE(sightings.rewritten.empty());
}

TEST_F(OnStage, ALockWithoutADefinitionIsSeenFromOutside) {
  const Sightings sightings =
      seen({"BEGIN; LOCK TABLE public.orders; SELECT pg_sleep(0.3); COMMIT"});
  ASSERT_EQ(sightings.statements.size(), 1U);
  EXPECT_EQ(sightings.statements.front().locks, std::vector{kExclusive});
  EXPECT_NE(sightings.statements.front().text.find("LOCK TABLE"), std::string::npos);
}

TEST_F(OnStage, ALockIsOfTheStatementThatTookIt) {
  const Endpoint at = made("shop--rehearsed");
  run(at, "CREATE TABLE public.orders (id int);");
  ASSERT_TRUE(stage->watch(at));
  auto session = log_in(at);
  for (const char* statement : {"BEGIN;", "LOCK TABLE public.orders;", "SELECT pg_sleep(0.4);",
                                "ALTER TABLE public.orders ADD COLUMN a int;", "COMMIT;"})
    ASSERT_TRUE((*session)->run(statement));
  session->reset();
  const auto sightings = stage->sightings();
  ASSERT_EQ(sightings->statements.size(), 1U);
  EXPECT_EQ(sightings->statements.front().tag, "");
  EXPECT_GE(sightings->statements.front().held, std::chrono::milliseconds(300));
}

TEST_F(OnStage, ARewriteIsToldWithItsSize) {
  const Sightings sightings = seen({"ALTER TABLE public.orders ALTER COLUMN id TYPE bigint"});
  ASSERT_EQ(sightings.rewritten.size(), 1U);
  EXPECT_EQ(sightings.rewritten.front().table, "public.orders");
  EXPECT_EQ(sightings.rewritten.front().rows, 200000);
  EXPECT_GT(sightings.rewritten.front().bytes, 1 << 20);
  EXPECT_TRUE(locks(sightings, kExclusive));
}

TEST_F(OnStage, TouchedRowsAreCounted) {
  const Sightings sightings =
      seen({"UPDATE public.orders SET note = 'y' WHERE id <= 1000",
            "DELETE FROM public.orders WHERE id <= 10", "INSERT INTO public.old VALUES (1), (2)"});
  EXPECT_EQ(sightings.touched,
            (std::vector<TouchedTable>{{"public.old", 2, 0, 0}, {"public.orders", 0, 1000, 10}}));
}

TEST_F(OnStage, WhatIsLostIsNamed) {
  const Sightings sightings =
      seen({"DROP TABLE public.old", "ALTER TABLE public.orders DROP COLUMN note"});
  EXPECT_EQ(sightings.lost,
            (std::vector<Loss>{{"public.old", "", 0}, {"public.orders", "note", 200000}}));
}

TEST_F(OnStage, ACopyHasTheSameStructureAndTheDataThatWasAskedFor) {
  const Endpoint from = made("shop-production");
  run(from,
      "CREATE SCHEMA sales; CREATE TABLE sales.orders (id int PRIMARY KEY, note text); "
      "INSERT INTO sales.orders VALUES (1, 'a'); COMMENT ON TABLE sales.orders IS 'all';");
  const auto original = stage->structure(from);
  ASSERT_TRUE(original) << original.error().message;
  EXPECT_NE(original->find("CREATE TABLE sales.orders"), std::string::npos) << *original;
  for (const auto content : {Stage::Content::schema, Stage::Content::data}) {
    const Endpoint to = made("shop--copy");
    const auto copied = stage->copy(from, to, content);
    ASSERT_TRUE(copied) << copied.error().message;
    EXPECT_EQ(*stage->structure(to), *original);
    auto session = log_in(to);
    auto rows = (*session)->run("SELECT count(*) FROM sales.orders;");
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->front().front(), content == Stage::Content::data ? "1" : "0");
    EXPECT_TRUE((*session)->run("ALTER TABLE sales.orders ADD COLUMN mine int;"));
  }
}

TEST_F(OnStage, ACopyGivesWayToWhoeverWaitsForIt) {
  const Endpoint from = made("shop-production");
  run(from, "CREATE TABLE a (id int); CREATE TABLE b (id int);");
  auto holder = log_in(from);
  auto altering = log_in(from);
  ASSERT_TRUE(holder && altering);
  ASSERT_TRUE((*holder)->run("BEGIN; LOCK TABLE b;"));
  const Endpoint to = made("shop--copy");
  auto copied = std::async([&] { return stage->copy(from, to, Stage::Content::data); });
  const auto dump_waits = [&] {
    const auto rows = (*holder)->run(
        "SELECT count(*) FROM pg_locks WHERE relation = 'b'::regclass AND NOT granted;");
    return !rows || rows->front().front() != "0";
  };
  while (!dump_waits()) std::this_thread::yield();
  // Waits for the dump, which waits for the first session.
  EXPECT_TRUE((*altering)->run("SET lock_timeout = 0; ALTER TABLE a ADD COLUMN more int;"));
  const auto result = copied.get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::unavailable) << result.error().message;
  EXPECT_TRUE((*holder)->run("ROLLBACK;"));
}

TEST_F(OnStage, PasswordsOpenNothingElsewhere) {
  const Endpoint one = made("shop--a");
  EXPECT_NE(one.password, test_key().password("dev-pg15", "shop--a", 1).reveal());
}

}  // namespace
}  // namespace bough::postgres
