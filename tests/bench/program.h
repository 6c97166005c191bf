#pragma once

#include "tests/bench/contestant.h"
#include "tests/bench/resident.h"

namespace bough::bench {

/// The shell script peer.sh, once for each push.
class Peer : public Contestant {
 public:
  Peer(const Ground& ground, const std::string& app);
  void catch_up(const Branches& pushed) override;
  void look() override { catch_up({}); }
};

/// `bough apply --yes` as a process of its own each time.
class CommandLine : public Contestant {
 public:
  CommandLine(const Ground& ground, const std::string& app);
  void catch_up(const Branches& pushed) override;
  void look() override { catch_up({}); }
};

}  // namespace bough::bench
