#include "spec/desired.h"

#include <fmt/format.h>

#include "spec/secret.h"

namespace bough {

std::string_view word_of(RunKind kind) {
  return kind == RunKind::build ? "build" : "migration";
}

std::string digest(const std::vector<Command>& commands) {
  std::string bytes;
  for (const Command& command : commands)
    bytes +=
        fmt::format("{}:{}:{}:{},{}:{},", word_of(command.kind), command.text.size(), command.text,
                    command.source_dir.size(), command.source_dir, command.component);
  const auto sum = sha256(bytes);
  return hex({reinterpret_cast<const char*>(sum.data()), sum.size()}).substr(0, 32);
}

bool may_see_data(const WantedHome& home) {
  return home.author == Author::pusher;
}

}  // namespace bough
