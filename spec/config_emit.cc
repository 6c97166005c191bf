#include "spec/config_emit.h"

#include <yaml-cpp/emitter.h>

#include "spec/time.h"

namespace bough::emit {

using YAML::Key;
using YAML::Value;

void put(YAML::Emitter& out, const char* key, const std::string& text) {
  out << Key << key << Value << YAML::DoubleQuoted << text;
}

void put(YAML::Emitter& out, const char* key, const std::string& text, const std::string& usual) {
  if (text != usual) put(out, key, text);
}

void put(YAML::Emitter& out, const char* key, const std::optional<std::string>& text) {
  if (text) put(out, key, *text);
}

void put(YAML::Emitter& out, const char* key, const std::vector<std::string>& texts,
         const std::vector<std::string>& usual) {
  if (texts == usual) return;
  out << Key << key << Value << YAML::Flow << YAML::BeginSeq;
  for (const std::string& text : texts) out << YAML::DoubleQuoted << text;
  out << YAML::EndSeq;
}

void put(YAML::Emitter& out, const char* key, std::chrono::milliseconds duration,
         std::chrono::milliseconds usual) {
  if (duration != usual) out << Key << key << Value << to_text(duration);
}

void put_file(YAML::Emitter& out, const char* key, const std::optional<std::string>& path) {
  if (!path) return;
  out << Key << key << Value << YAML::Flow << YAML::BeginMap;
  put(out, "file", *path);
  out << YAML::EndMap;
}

void put(YAML::Emitter& out, const char* key, const SecretSource& source) {
  out << Key << key << Value << YAML::Flow << YAML::BeginMap;
  if (const auto* file = std::get_if<FromFile>(&source)) put(out, "file", file->path);
  if (const auto* variable = std::get_if<FromEnvironment>(&source))
    put(out, "env", variable->variable);
  out << YAML::EndMap;
}

void put(YAML::Emitter& out, const char* key, const std::optional<SecretSource>& source) {
  if (source) put(out, key, *source);
}

}  // namespace bough::emit
