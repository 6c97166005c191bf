#pragma once

#include <chrono>

#include "tests/bench/floor.h"
#include "tests/bench/program.h"
#include "tests/bench/resident.h"

namespace bough::bench {

/// All who take part, on one server.
struct Lineup {
  explicit Lineup(const Ground& ground);

  Floor floor;
  Floor floor_with_psql;
  Peer peer;
  Resident resident;
  Resident sandboxed;
  CommandLine command_line;
};

/// How often, and how long at most. The first round always takes place.
struct Effort {
  int rounds;
  std::chrono::seconds longest;
};

/// One new branch, from the push on; everybody in turn in each round.
void one_branch(Lineup& lineup, const Effort& effort);

/// Fifty new branches at once, then passes without a change over them.
void fifty_branches(Lineup& lineup, const Effort& effort);

/// Passes without a change over so many branches, and what they ask of the servers.
void wide_repository(const Ground& ground, int branches);

}  // namespace bough::bench
