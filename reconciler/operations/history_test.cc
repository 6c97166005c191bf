#include <gtest/gtest.h>

#include "reconciler/operations/history_parts.h"
#include "reconciler/testing.h"

namespace bough::operations {
namespace {

using namespace testing_world;

Instant at(int second) {
  return Instant(std::chrono::seconds(second));
}

Event event(int second, const char* address, const char* kind) {
  return {0, at(second), "shop", address, kind, "said"};
}

RunRecord run(long long id, const char* component, RunKind kind, Instant begun) {
  return {id,
          {home(on("a")), component, commit(), ""},
          kind,
          "",
          RunState::running,
          0,
          "",
          "",
          begun,
          std::nullopt};
}

TEST(HistoryEvents, AreOfTheEnvironmentAndItsComponents) {
  struct Case {
    const char* address;
    const char* kind;
    bool told;
  };
  const Case cases[] = {
      {"shop/a", "approved", true},
      {"shop/a/db", "step-done", true},
      {"shop/a/b/db", "step-done", false},
      {"shop/ab/db", "step-done", false},
      {"shop/production/db", "step-done", false},
      {"shop", "api", false},
      {"shop/a/db", "run-succeeded", false},
  };
  for (const Case& one : cases)
    EXPECT_EQ(events_of({event(1, one.address, one.kind)}, repo("shop"), {on("a")}).size(),
              one.told ? 1U : 0U)
        << one.address << " " << one.kind;
  EXPECT_EQ(events_of({event(1, "shop", "api")}, repo("shop"), {}).size(), 1U);
}

TEST(History, IsInOrderAndTellsHowRunsEnded) {
  RunRecord build = run(7, "", RunKind::build, at(2));
  build.state = RunState::succeeded;
  build.ended_at = at(5);
  const RunRecord migration = run(8, "db", RunKind::migration, at(5));
  std::string told;
  for (const Passage& one :
       woven({migration, build}, {event(1, "shop/a/db", "step-done"), event(9, "shop", "api")}))
    told += one.address + " " + one.kind + " " + one.message + " " + std::to_string(one.run) + "\n";
  EXPECT_EQ(told,
            "shop/a/db step-done said 0\n"
            "shop/a build succeeded after 3.0 s 7\n"
            "shop/a/db migration running 8\n"
            "shop api said 0\n");
}

}  // namespace
}  // namespace bough::operations
