#include "reconciler/advice.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

using namespace std::chrono_literals;

constexpr const char* kOrders = "public.orders";

Sightings locked(const char* text, const char* tag, const char* mode,
                 std::chrono::milliseconds held) {
  return {{{text, tag, {{kOrders, mode}}, held}}, {}, {}, {}};
}

struct Case {
  const char* name;
  Sightings sightings;
  std::vector<std::string> codes;
  const char* says = "";
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class Says : public testing::TestWithParam<Case> {};
TEST_P(Says, WhatHurtsAndWhatToDoInstead) {
  std::vector<std::string> codes;
  std::string text;
  for (const Advice& one : advice_for(GetParam().sightings)) {
    codes.push_back(one.code);
    text += one.message + "\n";
  }
  EXPECT_EQ(codes, GetParam().codes);
  EXPECT_NE(text.find(GetParam().says), std::string::npos) << text;
}

const Case kCases[] = {
    {"Nothing", {}, {}},
    {"AShortLock",
     locked("ALTER TABLE orders ADD COLUMN a int", "ALTER TABLE", "AccessExclusiveLock", 3ms),
     {}},
    {"ALongLock",
     locked("LOCK TABLE orders", "", "AccessExclusiveLock", 500ms),
     {"blocks-reads"},
     "`LOCK TABLE orders` keeps readers and writers of public.orders waiting for 500 ms"},
    {"AnIndexHoweverShort",
     locked("CREATE INDEX i ON orders (a)", "CREATE INDEX", "ShareLock", 1ms),
     {"blocks-writes"},
     "CREATE INDEX CONCURRENTLY"},
    {"AConstraint",
     locked("ALTER TABLE orders ADD CONSTRAINT c\n  CHECK (a > 0)", "ALTER TABLE",
            "AccessExclusiveLock", 2s),
     {"blocks-reads"},
     "`ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0)` keeps readers and writers of "
     "public.orders waiting for 2000 ms: add the constraint NOT VALID"},
    {"NotNull",
     locked("alter table orders alter a set not null", "ALTER TABLE", "AccessExclusiveLock", 1s),
     {"blocks-reads"},
     "IS NOT NULL) NOT VALID"},
    {"ARewrite",
     {{}, {{kOrders, 1000000, 44 << 20}}, {}, {}},
     {"rewrites-table"},
     "public.orders (1000000 rows, 45056 KiB)"},
    {"ALostColumn",
     {{}, {}, {}, {{kOrders, "note", 7}}},
     {"loses-data"},
     "column public.orders.note is dropped with what 7 rows held"},
    {"ALostTable", {{}, {}, {}, {{kOrders, "", 7}}}, {"loses-data"}, "table public.orders"},
    {"FewRows", {{}, {}, {{kOrders, 1000000, 5000, 4999}}, {}}, {}},
    {"ManyRows", {{}, {}, {{kOrders, 0, 5000, 5000}}, {}}, {"touches-many-rows"}, "10000 rows"},
};
INSTANTIATE_TEST_SUITE_P(Advice, Says, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace bough
