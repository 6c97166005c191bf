#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/contestant.h"

namespace bough::bench {

/// Milliseconds of each part of the work, one value for each time.
using Parts = std::map<std::string, std::vector<double>>;

/// How a project's bough is set up.
struct Setup {
  std::string sandbox = "off";
  bool migrates = true;
  Transport transport = Transport::file;
};
/// Writes the project's bough.yaml and makes the journal's database.
void configure(const Project& project, const Setup& setup);

/// bough as its daemon works: everything is kept open, and a pass is look() and apply().
class Resident : public Contestant {
 public:
  Resident(const Ground& ground, const std::string& app, const Setup& setup);
  ~Resident() override;

  void catch_up(const Branches& pushed) override;
  /// Gives up when there is something to do.
  void look() override;

  /// The same as catch_up(), with its parts timed.
  void take_apart(Parts& parts);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The milliseconds of one call.
template <typename Work>
double timed(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

}  // namespace bough::bench
