#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/resident.h"
#include "tests/bench/traffic.h"

namespace bough::bench {

double median(std::vector<double> values);

/// What a row is for the others.
enum class Part { floor, floor_with_tool, peer, bough };

/// One contestant's milliseconds, one for each round.
struct Row {
  std::string name;
  Part part = Part::bough;
  std::optional<double> goal{};  ///< the largest ratio to the floor that is good enough
  std::vector<double> times{};
};

/// Prints medians with their ratios. When there is a floor with the migration tool, the difference
/// to the floor is the tool's own time, and is taken off before bough is compared.
void print_table(const std::string& title, const std::vector<Row>& rows);

/// Prints the median of each part.
void print_parts(const std::string& title, const Parts& parts);

void print_traffic(const std::string& what, const Traffic& traffic);

}  // namespace bough::bench
