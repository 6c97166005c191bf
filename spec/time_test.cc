#include "spec/time.h"

#include <gtest/gtest.h>

namespace bough {
namespace {

using namespace std::chrono_literals;

TEST(Durations, ReadAsPeopleWriteThem) {
  EXPECT_EQ(parse_duration("7d"), 168h);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("200ms"), 200ms);
  EXPECT_EQ(parse_duration("0s"), 0s);
  for (const char* bad : {"", "7", "d", "-1s", "1x", "1.5h", "99999999999999999999d", " 1s"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Durations, AreTheSameAfterPrintAndParse) {
  for (const auto span : {0ms, 1ms, 61'001ms, 7 * 24h + 5ms})
    EXPECT_EQ(parse_duration(to_text(span)), std::chrono::milliseconds(span));
}

TEST(Instants, AreTheSameAfterPrintAndParse) {
  const Instant instant{1'767'225'600'123ms};
  EXPECT_EQ(rfc3339(instant), "2026-01-01T00:00:00.123Z");
  EXPECT_EQ(parse_rfc3339(rfc3339(instant)), instant);
  for (const char* bad : {"", "2026-13-01T00:00:00.000Z", "2026-01-01T00:00:00.000", "x"})
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

}  // namespace
}  // namespace bough
