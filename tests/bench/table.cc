#include "tests/bench/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace bough::bench {
namespace {

double least(const std::vector<double>& values) {
  return *std::min_element(values.begin(), values.end());
}

std::string verdict(const Row& row, double ratio) {
  if (!row.goal) return "";
  return fmt::format("  goal {:.1f}: {}", *row.goal, ratio <= *row.goal ? "met" : "missed");
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<long>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void print_table(const std::string& title, const std::vector<Row>& rows, bool tool) {
  const double floor = median(rows[0].times);
  const double best_floor = least(rows[0].times);
  const double own = tool ? median(rows[1].times) - floor : 0;
  const double best_own = tool ? least(rows[1].times) - best_floor : 0;
  const double peer = median(rows[tool ? 2 : 1].times);
  fmt::print("\n{} (median of {})\n", title, rows[0].times.size());
  fmt::print("  {:<34}{:>9}{:>9}{:>10}{:>9}{:>9}{:>9}\n", "", "ms", "best", "-tool", "/floor",
             "(best)", "/peer");
  for (const Row& row : rows) {
    const double middle = median(row.times);
    const double without = middle - (row.uses_tool ? own : 0);
    const double best = least(row.times) - (row.uses_tool ? best_own : 0);
    fmt::print("  {:<34}{:>9.1f}{:>9.1f}{:>10.1f}{:>9.2f}{:>9.2f}{:>9.3f}{}\n", row.name, middle,
               least(row.times), without, without / floor, best / best_floor, middle / peer,
               verdict(row, without / floor));
  }
  if (tool) fmt::print("  (-tool: less the {:.1f} ms that psql takes beside libpq)\n", own);
  std::fflush(stdout);
}

void print_parts(const std::string& title, const Parts& parts) {
  fmt::print("\n{} (ms, median of each)\n", title);
  for (const auto& [name, values] : parts) fmt::print("  {:<40}{:>9.1f}\n", name, median(values));
  std::fflush(stdout);
}

void print_traffic(const std::string& what, const Traffic& traffic) {
  fmt::print("  {}: {} listings, {} connections, {} messages to PostgreSQL, {} programs started\n",
             what, traffic.listings, traffic.connections, traffic.messages, traffic.programs);
  std::fflush(stdout);
}

}  // namespace bough::bench
