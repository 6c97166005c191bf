#include "provisioners/postgres/programs.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "provisioners/postgres/child.h"

namespace bough::postgres {
namespace {

namespace fs = std::filesystem;

constexpr int kOldest = 13;
const fs::path kDebian = "/usr/lib/postgresql";

std::optional<int> leading_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0) return std::nullopt;
  return number;
}

/// `ROOT/*/bin` for distributions that keep versions side by side.
void add_versions(std::vector<std::string>& folders, const fs::path& root) {
  std::error_code wrong;
  std::vector<std::string> found;
  for (fs::directory_iterator entry(root, wrong), end; !wrong && entry != end;
       entry.increment(wrong))
    found.push_back((entry->path() / "bin").string());
  std::sort(found.begin(), found.end());
  folders.insert(folders.end(), found.begin(), found.end());
}

void add_search_path(std::vector<std::string>& folders) {
  const char* path = std::getenv("PATH");
  std::istringstream in(path ? path : "");
  for (std::string folder; std::getline(in, folder, ':');)
    if (folder.starts_with('/')) folders.push_back(folder);
}

bool has(const std::string& folder, const char* program) {
  return access((folder + '/' + program).c_str(), X_OK) == 0;
}

/// Debian names its folders after the major version; others are asked, which takes longer.
std::optional<int> version_in(const std::string& folder, const std::optional<RunUser>& user) {
  const fs::path versioned = fs::path(folder).parent_path();
  if (versioned.parent_path() == kDebian) return major_version(versioned.filename().string());
  const auto ended = run({{folder + "/postgres", "--version"}, "/", "", user});
  return ended && ended->status == 0 ? version_said(ended->output) : std::nullopt;
}

}  // namespace

std::optional<int> version_said(std::string_view output) {
  constexpr std::string_view kName = "(PostgreSQL) ";
  const std::size_t name = output.find(kName);
  if (name == std::string_view::npos) return std::nullopt;
  return leading_number(output.substr(name + kName.size()));
}

std::optional<int> major_version(std::string_view text) {
  const std::string_view major = text.substr(0, text.find('.'));
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool numeric =
      std::all_of(text.begin(), text.end(), [&](char c) { return digit(c) || c == '.'; });
  if (!numeric || major.size() > 3 || major.starts_with('0') || text.ends_with('.'))
    return std::nullopt;
  return leading_number(major);
}

std::vector<std::string> places(const std::vector<std::string>& configured) {
  std::vector<std::string> folders;
  for (const std::string& folder : configured)
    for (const char* below : {"", "/bin", "/native/bin"}) folders.push_back(folder + below);
  add_versions(folders, kDebian);
  add_versions(folders, "/opt/postgresql");
  folders.emplace_back("/usr/local/pgsql/bin");
  add_search_path(folders);
  return folders;
}

std::vector<Programs> find_programs(const std::vector<std::string>& configured,
                                    const std::optional<RunUser>& user) {
  std::vector<Programs> found;
  const auto known = [&](int version) {
    return std::any_of(found.begin(), found.end(),
                       [&](const Programs& one) { return one.version == version; });
  };
  for (const std::string& folder : places(configured)) {
    if (!has(folder, "postgres") || !has(folder, "initdb")) continue;
    const auto version = version_in(folder, user);
    if (version && *version >= kOldest && !known(*version)) found.push_back({*version, folder});
  }
  std::sort(found.begin(), found.end(),
            [](const Programs& a, const Programs& b) { return a.version > b.version; });
  return found;
}

}  // namespace bough::postgres
