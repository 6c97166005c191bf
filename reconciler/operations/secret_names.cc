#include "reconciler/operations/secret_names.h"

#include "reconciler/runner/output.h"

namespace bough::operations {
namespace {

std::vector<EnvEntry> secret_entries(const AppSpec* spec) {
  if (!spec) return {};
  std::vector<EnvEntry> all = spec->envs;
  for (const ComponentSpec& component : spec->components)
    all.insert(all.end(), component.envs.begin(), component.envs.end());
  std::erase_if(all, [](const EnvEntry& entry) { return !entry.secret; });
  return all;
}

bool is_called_so(const std::string& name) {
  return name.find("PASSWORD") != std::string::npos || name.find("SECRET") != std::string::npos;
}

bool holds_one(const std::vector<std::string>& secrets, const std::string& value) {
  runner::Masker masker(secrets);
  const std::string fed = masker.feed(value);
  return fed + masker.finish() != value;
}

}  // namespace

std::set<std::string> secret_names(const std::map<std::string, std::string>& variables,
                                   const AppSpec* spec,
                                   const std::map<std::string, Endpoint>& endpoints) {
  std::set<std::string> names;
  std::vector<std::string> secrets;
  for (const auto& [component, endpoint] : endpoints) secrets.push_back(endpoint.password);
  for (const EnvEntry& entry : secret_entries(spec)) {
    const auto found = variables.find(entry.key);
    if (found != variables.end()) {
      names.insert(entry.key);
      secrets.push_back(found->second);
    }
    // Of another component, which a value may refer to.
    if (bindables(entry.value).empty()) secrets.push_back(entry.value);
  }
  for (const auto& [name, value] : variables)
    if (is_called_so(name) || holds_one(secrets, value)) names.insert(name);
  return names;
}

}  // namespace bough::operations
