#include "reconciler/lanes.h"

#include <map>
#include <utility>

namespace bough {
namespace {

/// By the home that a database moves from, the one that it moves to.
std::map<Home, Home> moves_of(const Plan& plan) {
  std::map<Home, Home> result;
  for (const Step& step : plan.steps)
    if (const auto* move = std::get_if<MoveDatabase>(&step.action))
      result.insert_or_assign(move->from.place.home, move->at.place.home);
  return result;
}

}  // namespace

std::vector<std::vector<Step>> lanes_of(const Plan& plan) {
  const std::map<Home, Home> moves = moves_of(plan);
  std::map<Home, std::vector<Step>> by_home;
  for (const Step& step : plan.steps) {
    const auto home = home_of(step.action);
    if (!home) continue;
    const auto move = moves.find(*home);
    by_home[move == moves.end() ? *home : move->second].push_back(step);
  }
  std::vector<std::vector<Step>> result;
  for (auto& [home, steps] : by_home) result.push_back(std::move(steps));
  return result;
}

}  // namespace bough
