#include "tests/bench/traffic.h"

#include <fstream>

#include "tests/bench/spawn.h"

namespace bough::bench {

Traffic operator-(const Traffic& a, const Traffic& b) {
  return {a.listings - b.listings, a.connections - b.connections, a.messages - b.messages,
          a.programs - b.programs};
}

Traffic traffic(const Ground& ground) {
  Traffic found;
  std::string line;
  for (std::ifstream log(ground.folder + "/server.log"); std::getline(log, line);) {
    found.connections += line.find("connection authorized: ") != std::string::npos;
    found.messages += line.find("LOG:  statement: ") != std::string::npos;
  }
  for (std::ifstream log(ground.folder + "/git.log"); std::getline(log, line);)
    found.listings += line.find("Request upload-pack") != std::string::npos;
  found.programs = programs_started();
  return found;
}

MessageLog::MessageLog(const Ground& ground) : ground_(ground) {
  set_on_server(ground, "log_statement", "all");
}
MessageLog::~MessageLog() {
  set_on_server(ground_, "log_statement", "none");
}

}  // namespace bough::bench
