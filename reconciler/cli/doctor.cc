#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/commands.h"

namespace bough::cli {

int doctor(const Globals& globals) {
  return present(globals, "doctor", {}, [](const nlohmann::ordered_json& document) {
    for (const auto& one : document["checks"])
      fmt::print("{:<5} {:<24} {}\n", one["result"].get<std::string>(),
                 one["check"].get<std::string>(), one["message"].get<std::string>());
  });
}

}  // namespace bough::cli
