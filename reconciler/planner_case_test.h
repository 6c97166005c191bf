#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reconciler/planner.h"
#include "reconciler/testing.h"

/// Tables of worlds and what is planned for them.
namespace bough::testing_world {

using Words = std::vector<std::string>;

inline const Instant kNow{std::chrono::seconds(1'767'225'600)};

struct PlannerCase {
  std::string name;
  Desired desired;
  Observed observed;
  Words steps;
  std::size_t refused = 0;
};
inline void PrintTo(const PlannerCase& row, std::ostream* out) {
  *out << row.name;
}

inline void expect_just_these_steps(const PlannerCase& row) {
  const Plan made = plan(row.desired, row.observed, {}, kNow);
  EXPECT_EQ(words(made), row.steps);
  EXPECT_EQ(made.refused.size(), row.refused);
}

}  // namespace bough::testing_world
