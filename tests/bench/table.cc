#include "tests/bench/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace bough::bench {
namespace {

/// One number for a row's times: their median, or their least.
using Measure = double (*)(std::vector<double>);

double least(std::vector<double> values) {
  return *std::min_element(values.begin(), values.end());
}

const Row* row_of(const std::vector<Row>& rows, Part part) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.part == part; });
  return found == rows.end() ? nullptr : &*found;
}

/// What the tool takes beside what the server must do for it anyway.
double own_time(const std::vector<Row>& rows, Measure measure) {
  const Row* with = row_of(rows, Part::floor_with_tool);
  if (!with) return 0;
  return std::max(0.0, measure(with->times) - measure(row_of(rows, Part::floor)->times));
}

double ratio(const std::vector<Row>& rows, const Row& row, Measure measure) {
  const double own = row.part == Part::bough ? own_time(rows, measure) : 0;
  return (measure(row.times) - own) / measure(row_of(rows, Part::floor)->times);
}

std::string peer_ratio(const std::vector<Row>& rows, const Row& row) {
  const Row* peer = row_of(rows, Part::peer);
  return peer ? fmt::format("{:.3f}", median(row.times) / median(peer->times)) : "";
}

std::string verdict(const Row& row, double reached) {
  if (!row.goal) return "";
  return fmt::format("  goal {:.1f}: {}", *row.goal, reached <= *row.goal ? "met" : "missed");
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<long>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void print_table(const std::string& title, const std::vector<Row>& rows) {
  fmt::print("\n{}\n  {:<34}{:>7}{:>10}{:>10}{:>9}{:>9}{:>9}\n", title, "", "rounds", "median ms",
             "least ms", "/floor", "(least)", "/peer");
  for (const Row& row : rows) {
    const double reached = ratio(rows, row, median);
    fmt::print("  {:<34}{:>7}{:>10.1f}{:>10.1f}{:>9.2f}{:>9.2f}{:>9}{}\n", row.name,
               row.times.size(), median(row.times), least(row.times), reached,
               ratio(rows, row, least), peer_ratio(rows, row), verdict(row, reached));
  }
  if (row_of(rows, Part::floor_with_tool))
    fmt::print("  bough's ratios are without psql's own time: {:.1f} ms (least {:.1f})\n",
               own_time(rows, median), own_time(rows, least));
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
