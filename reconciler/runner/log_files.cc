#include "reconciler/runner/log_files.h"

#include <algorithm>
#include <filesystem>
#include <functional>

namespace bough {

std::string log_prefix(Instant at) {
  std::string time = rfc3339(at);
  std::erase_if(time, [](char c) { return c == ':' || c == '-'; });
  return time;
}

std::vector<std::string> stale_logs(std::vector<std::string> names, const LogConfig& rule,
                                    Instant now) {
  std::sort(names.begin(), names.end(), std::greater<>());
  const std::string oldest = log_prefix(now - rule.keep);
  const auto by_age = std::lower_bound(names.begin(), names.end(), oldest, std::greater<>());
  const auto by_number = std::min(names.size(), static_cast<std::size_t>(rule.most));
  names.erase(names.begin(),
              std::min(by_age, names.begin() + static_cast<std::ptrdiff_t>(by_number)));
  return names;
}

void prune_logs(const std::string& folder, const LogConfig& rule, Instant now) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    std::string name = entry.path().filename().string();
    if (name.find(".log") != std::string::npos) names.push_back(std::move(name));
  }
  for (const std::string& name : stale_logs(std::move(names), rule, now))
    fs::remove(folder + "/" + name, ignored);
}

}  // namespace bough
