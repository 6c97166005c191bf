#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/bench/contestant.h"

namespace bough::bench {

/// Only what Git and the server must do for it: one git process, kept connections, the fewest
/// messages, four databases at once; no journal, no check, no lease. With Tool::psql it starts the
/// operator's migration command instead of sending the files itself.
class Floor : public Contestant {
 public:
  enum class Tool { none, psql };
  Floor(const Ground& ground, const std::string& app, Tool tool,
        Transport transport = Transport::file);

  void catch_up(const Branches& pushed) override;
  void look() override;

 private:
  Branches unknown();
  void make(Connection& admin, const std::string& branch);
  void migrate(const std::string& name, const std::string& password);

  Tool tool_;
  std::string mirror_;
  std::string checkout_;
  std::set<std::string> known_;
  std::vector<Connection> admins_;
};

}  // namespace bough::bench
