#pragma once

#include <optional>
#include <string_view>

namespace bough {

/// The engines of the App Spec (`engine:`); which of them bough can serve is a matter of the
/// folders under provisioners/.
enum class Engine { pg, mysql, redis, mongodb, kafka, opensearch, valkey };

/// The App Spec's word: PG, MYSQL, REDIS, MONGODB, KAFKA, OPENSEARCH, VALKEY.
std::string_view word_of(Engine engine);
std::optional<Engine> parse_engine(std::string_view word);

}  // namespace bough
