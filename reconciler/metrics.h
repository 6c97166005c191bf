#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bough {

/// Numbers about this process for Prometheus. Thread-safe. Each name has a thousand series at most:
/// what would be more is counted together, with `other` for each label.
class Metrics {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  /// Adds to a counter.
  void count(std::string_view name, const Labels& labels, double by = 1);
  void set(std::string_view name, const Labels& labels, double value);
  /// Adds to a histogram of seconds.
  void observe(std::string_view name, const Labels& labels, std::chrono::duration<double> took);

  /// The text format 0.0.4, names and series in order.
  std::string text() const;

 private:
  struct Series {
    double value = 0;
    std::vector<long long> buckets;
    long long count = 0;
  };
  struct Family {
    const char* type = "counter";
    std::map<Labels, Series> series;
  };
  Series& series(std::string_view name, const char* type, const Labels& labels);

  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
};

}  // namespace bough
