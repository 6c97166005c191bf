#include "provisioners/postgres/stock_statements.h"

#include <gtest/gtest.h>

namespace bough::postgres {
namespace {

constexpr long long kSmall = 7LL << 20;
constexpr long long kLarge = 1LL << 30;

TEST(Strategy, IsTheFastestForVersionSizeAndFileSystem) {
  struct Case {
    CopyTask task;
    Strategy expected;
  };
  const Case cases[] = {
      {{13, kSmall, false}, Strategy::files}, {{14, kLarge, true}, Strategy::files},
      {{15, kSmall, false}, Strategy::log},   {{15, kLarge, false}, Strategy::files},
      {{17, kLarge, true}, Strategy::files},  {{18, kSmall, true}, Strategy::log},
      {{18, kLarge, false}, Strategy::files}, {{18, kLarge, true}, Strategy::clone},
  };
  for (const Case& one : cases)
    EXPECT_EQ(strategy_for(one.task), one.expected)
        << one.task.version << " " << one.task.bytes << " " << one.task.can_clone;
}

DatabaseName name(std::string_view text) {
  return *DatabaseName::parse(text);
}

TEST(MakingADatabase, NamesAStrategyWhereThereIsOne) {
  EXPECT_EQ(making_database(name("s"), "t", 14, Strategy::files),
            (Statements{"CREATE DATABASE \"s\" OWNER \"s\" TEMPLATE \"t\" ALLOW_CONNECTIONS "
                        "false;"}));
  EXPECT_EQ(making_database(name("s"), "t", 15, Strategy::log).front(),
            "CREATE DATABASE \"s\" OWNER \"s\" TEMPLATE \"t\" ALLOW_CONNECTIONS false STRATEGY "
            "wal_log;");
  EXPECT_EQ(making_database(name("s"), "t", 18, Strategy::clone).size(), 3U);
  EXPECT_EQ(making_database(name("s"), "", 18, Strategy::log).front(),
            "CREATE DATABASE \"s\" OWNER \"s\" TEMPLATE template0 ALLOW_CONNECTIONS false;");
}

}  // namespace
}  // namespace bough::postgres
