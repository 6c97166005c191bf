#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "spec/config.h"

namespace YAML {
class Emitter;
}

/// How values of bough.yaml are written; for config_text*.cc only. What is as usual is left out.
namespace bough::emit {

/// Quoted always: a text such as `on`, `16` or `~` would be read as something else.
void put(YAML::Emitter& out, const char* key, const std::string& text);
void put(YAML::Emitter& out, const char* key, const std::string& text, const std::string& usual);
void put(YAML::Emitter& out, const char* key, const std::optional<std::string>& text);
void put(YAML::Emitter& out, const char* key, const std::vector<std::string>& texts,
         const std::vector<std::string>& usual = {});
void put(YAML::Emitter& out, const char* key, std::chrono::milliseconds duration,
         std::chrono::milliseconds usual);
void put(YAML::Emitter& out, const char* key, const SecretSource& source);
void put(YAML::Emitter& out, const char* key, const std::optional<SecretSource>& source);
void put_file(YAML::Emitter& out, const char* key, const std::optional<std::string>& path);

/// What read_database_rules reads.
void put_database_rules(YAML::Emitter& out, const RepositoryConfig& repository,
                        const RepositoryConfig& usual);

}  // namespace bough::emit
