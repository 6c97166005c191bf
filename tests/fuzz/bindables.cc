#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "spec/app_spec.h"
#include "spec/bindables.h"
#include "tests/fuzz/sound.h"

namespace bough::fuzz {
namespace {

constexpr std::size_t kMostBytes = 4U << 20;
constexpr std::size_t kMostEntries = 200;

Scope scope_of(char first) {
  return first == '<'   ? Scope::build_time
         : first == '>' ? Scope::run_time
                        : Scope::run_and_build_time;
}

/// An app whose variables are the lines of a text: KEY=VALUE; `:` before it is the app's, else the
/// component's of its first letter; `<` or `>` before the value is a scope.
AppSpec app_of(std::string_view text) {
  AppSpec spec{*AppName::parse("app")};
  for (const char* name : {"db", "cache"})
    spec.databases.push_back({*ComponentName::parse(name),
                              name[0] == 'd' ? Engine::pg : Engine::valkey,
                              "",
                              false,
                              "",
                              "",
                              "",
                              "",
                              {}});
  for (const char* name : {"web", "work"})
    spec.components.push_back({.name = *ComponentName::parse(name)});
  for (std::size_t entries = 0; !text.empty() && entries < kMostEntries; ++entries) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = std::min(line.find('='), line.size());
    if (equals == 0) continue;
    const std::string_view value = line.substr(std::min(equals + 1, line.size()));
    EnvEntry env{std::string(line.substr(0, equals)),
                 std::string(value),
                 scope_of(value.empty() ? ' ' : value[0]),
                 value.ends_with('!'),
                 {}};
    if (line[0] == ':')
      spec.envs.push_back(std::move(env));
    else
      spec.components[static_cast<unsigned char>(line[0]) % 2].envs.push_back(std::move(env));
  }
  return spec;
}

void resolve(const AppSpec& spec, const std::string& component, Phase phase) {
  const std::map<std::string, Endpoint> endpoints{
      {"db", {Engine::pg, "h", 1, "d", "u", "p", "require", ""}},
      {"cache", {Engine::valkey, "h", 2, "0", "u", "p", "", ""}}};
  const auto all = variables({spec, component, phase, endpoints, "db"});
  if (!all) return expect(!all.error().message.empty(), "a refusal says why");
  std::size_t bytes = 0;
  for (const auto& [key, value] : *all) bytes += value.size();
  expect(bytes <= kMostBytes + 4096, "what variables hold is bounded");
}

}  // namespace
}  // namespace bough::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bough;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto same = expand(text, [](const Bindable& one) { return written(one); });
  fuzz::expect(same && *same == text, "references written back are the text");
  const AppSpec spec = fuzz::app_of(text);
  for (const char* component : {"", "web", "work"})
    for (Phase phase : {Phase::build, Phase::run}) fuzz::resolve(spec, component, phase);
  return 0;
}
