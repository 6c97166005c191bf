#include "reconciler/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bough {
namespace {

TEST(Metrics, WritesThePrometheusText) {
  Metrics metrics;
  metrics.count("b_total", {{"result", "ok"}});
  metrics.count("b_total", {{"result", "ok"}});
  metrics.count("b_total", {{"result", "a\"b\\c\nd"}});
  metrics.set("a_depth", {}, 3);
  EXPECT_EQ(metrics.text(),
            "# TYPE a_depth gauge\na_depth 3\n# TYPE b_total counter\n"
            "b_total{result=\"a\\\"b\\\\c d\"} 1\nb_total{result=\"ok\"} 2\n");
}

TEST(Metrics, AHistogramCountsEachObservationOnce) {
  Metrics metrics;
  metrics.observe("s", {}, std::chrono::milliseconds(300));
  const std::string text = metrics.text();
  EXPECT_NE(text.find("s_bucket{le=\"0.1\"} 0\ns_bucket{le=\"0.5\"} 1\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("s_bucket{le=\"+Inf\"} 1\ns_sum 0.3\ns_count 1\n"), std::string::npos)
      << text;
}

TEST(Row98, ManyLabelsAreCountedTogether) {
  Metrics metrics;
  for (int i = 0; i < 100'000; ++i) metrics.count("n", {{"branch", std::to_string(i)}});
  const std::string text = metrics.text();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1002);
  EXPECT_NE(text.find("n{branch=\"other\"} 99000\n"), std::string::npos);
}

}  // namespace
}  // namespace bough
