#include "spec/engine.h"

#include <array>
#include <utility>

namespace bough {
namespace {

constexpr std::array<std::pair<Engine, std::string_view>, 7> kWords{
    {{Engine::pg, "PG"},
     {Engine::mysql, "MYSQL"},
     {Engine::redis, "REDIS"},
     {Engine::mongodb, "MONGODB"},
     {Engine::kafka, "KAFKA"},
     {Engine::opensearch, "OPENSEARCH"},
     {Engine::valkey, "VALKEY"}}};

}  // namespace

std::string_view word_of(Engine engine) {
  for (const auto& [known, word] : kWords)
    if (known == engine) return word;
  return {};
}

std::optional<Engine> parse_engine(std::string_view word) {
  for (const auto& [engine, known] : kWords)
    if (known == word) return engine;
  return std::nullopt;
}

}  // namespace bough
