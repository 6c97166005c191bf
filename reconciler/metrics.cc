#include "reconciler/metrics.h"

#include <fmt/format.h>

#include <array>

namespace bough {
namespace {

constexpr std::size_t kMostSeries = 1000;
constexpr std::array<double, 9> kBounds{0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600};

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\' || c == '"') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

std::string braces(const Metrics::Labels& labels, const std::string& bound = "") {
  std::string text;
  for (const auto& [name, value] : labels)
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name, escaped(value));
  if (!bound.empty()) text += fmt::format("{}le=\"{}\"", text.empty() ? "" : ",", bound);
  return text.empty() ? "" : "{" + text + "}";
}

}  // namespace

Metrics::Series& Metrics::series(std::string_view name, const char* type, const Labels& labels) {
  Family& family = families_[std::string(name)];
  family.type = type;
  const auto found = family.series.find(labels);
  if (found != family.series.end()) return found->second;
  if (family.series.size() < kMostSeries) return family.series[labels];
  Labels others = labels;
  for (auto& [label, value] : others) value = "other";
  return family.series[others];
}

void Metrics::count(std::string_view name, const Labels& labels, double by) {
  const std::lock_guard guard(mutex_);
  series(name, "counter", labels).value += by;
}

void Metrics::set(std::string_view name, const Labels& labels, double value) {
  const std::lock_guard guard(mutex_);
  series(name, "gauge", labels).value = value;
}

void Metrics::observe(std::string_view name, const Labels& labels,
                      std::chrono::duration<double> took) {
  const std::lock_guard guard(mutex_);
  Series& one = series(name, "histogram", labels);
  one.buckets.resize(kBounds.size());
  for (std::size_t i = 0; i < kBounds.size(); ++i)
    if (took.count() <= kBounds[i]) ++one.buckets[i];
  one.value += took.count();
  ++one.count;
}

std::string Metrics::text() const {
  const std::lock_guard guard(mutex_);
  std::string text;
  for (const auto& [name, family] : families_) {
    text += fmt::format("# TYPE {} {}\n", name, family.type);
    for (const auto& [labels, one] : family.series) {
      if (one.buckets.empty()) {
        text += fmt::format("{}{} {}\n", name, braces(labels), one.value);
        continue;
      }
      for (std::size_t i = 0; i < kBounds.size(); ++i)
        text += fmt::format("{}_bucket{} {}\n", name, braces(labels, fmt::format("{}", kBounds[i])),
                            one.buckets[i]);
      text += fmt::format("{0}_bucket{1} {2}\n{0}_sum{3} {4}\n{0}_count{3} {2}\n", name,
                          braces(labels, "+Inf"), one.count, braces(labels), one.value);
    }
  }
  return text;
}

}  // namespace bough
