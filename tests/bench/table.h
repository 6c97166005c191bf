#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/resident.h"
#include "tests/bench/traffic.h"

namespace bough::bench {

double median(std::vector<double> values);

/// One contestant's milliseconds, one for each round.
struct Row {
  std::string name;
  std::vector<double> times;
  std::optional<double> goal;  ///< the largest ratio to the floor that is good enough
  bool uses_tool = false;      ///< runs the migration command, so its own time is taken off
};

/// Prints medians with their ratios. The first row is the floor, the second the floor with the
/// migration command (so their difference is the tool's own time) when `tool`, the next the peer.
void print_table(const std::string& title, const std::vector<Row>& rows, bool tool);

/// Prints the median of each part.
void print_parts(const std::string& title, const Parts& parts);

void print_traffic(const std::string& what, const Traffic& traffic);

}  // namespace bough::bench
