#include "reconciler/workspace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "reconciler/runner/process.h"

namespace bough {
namespace {

namespace fs = std::filesystem;

Error system_error(std::string_view what, const std::string& path) {
  return {Fault::broken, fmt::format("{} {}: {}", what, path, std::strerror(errno))};
}

Result<void> make_folder(const std::string& path, mode_t mode) {
  std::error_code failed;
  const bool fresh = fs::create_directories(path, failed);
  if (failed)
    return Error{Fault::broken, fmt::format("cannot create {}: {}", path, failed.message())};
  if (fresh && chmod(path.c_str(), mode) != 0) return system_error("cannot set the mode of", path);
  return {};
}

bool may_enter(const struct stat& folder, const RunUser& user) {
  if (folder.st_uid == user.uid) return (folder.st_mode & S_IXUSR) != 0;
  if (folder.st_gid == user.gid) return (folder.st_mode & S_IXGRP) != 0;
  return (folder.st_mode & S_IXOTH) != 0;
}

bool reachable(const fs::path& folder, const RunUser& user) {
  fs::path way;
  for (const fs::path& part : folder) {
    way /= part;
    struct stat status {};
    if (stat(way.c_str(), &status) != 0 || !may_enter(status, user)) return false;
  }
  return true;
}

std::string fallback_for(const std::string& data_dir) {
  const auto sum = sha256(data_dir);
  return "/var/lib/bough/" +
         hex({reinterpret_cast<const char*>(sum.data()), sum.size()}).substr(0, 12);
}

Result<Key> parse_key(const std::string& path, std::string_view digits) {
  std::array<std::uint8_t, 32> bytes{};
  while (digits.ends_with('\n')) digits.remove_suffix(1);
  std::size_t length = 0;
  if (digits.size() != 64 ||
      sodium_hex2bin(bytes.data(), bytes.size(), digits.data(), digits.size(), nullptr, &length,
                     nullptr) != 0 ||
      length != bytes.size())
    return Error{Fault::broken, path +
                                    " is no installation key: restore it from a backup; "
                                    "without it the marks on your servers are not believed"};
  return Key(bytes);
}

/// Written beside and linked into place, so that a kill leaves a whole key or none.
Result<void> make_key(const std::string& path) {
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  const std::string digits =
      hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) + "\n";
  const std::string beside = fmt::format("{}.{}", path, getpid());
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return system_error("cannot create", beside);
  const bool written =
      write(file, digits.data(), digits.size()) == ssize_t(digits.size()) && fsync(file) == 0;
  close(file);
  const bool placed = written && (link(beside.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const Error failure = system_error("cannot create", path);
  unlink(beside.c_str());
  if (!placed) return failure;
  return {};
}

}  // namespace

Result<Workspace> open_workspace(const Config& config, const std::string& config_folder) {
  Workspace workspace;
  workspace.config_folder = config_folder;
  workspace.data_dir = resolve(workspace, config.data_dir);
  auto user = run_user(config.run_as);
  if (!user) return user.error();
  workspace.user = *std::move(user);
  // Others may pass through to what is theirs, but not look around.
  if (auto made = make_folder(workspace.data_dir, workspace.user ? 0711 : 0700); !made)
    return made.error();
  workspace.data_dir = fs::canonical(workspace.data_dir).string();
  for (const char* private_folder : {"/mirrors", "/runs"})
    if (auto made = make_folder(workspace.data_dir + private_folder, 0700); !made)
      return made.error();
  workspace.shared_dir = workspace.data_dir;
  if (workspace.user && !reachable(workspace.data_dir, *workspace.user)) {
    workspace.shared_dir = fallback_for(workspace.data_dir);
    if (auto made = make_folder(workspace.shared_dir, 0711); !made) return made.error();
  }
  return workspace;
}

Result<Key> open_key(const std::string& data_dir) {
  if (sodium_init() < 0) return Error{Fault::broken, "no source of random numbers"};
  const std::string path = data_dir + "/key";
  if (!fs::exists(path))
    if (auto made = make_key(path); !made) return made.error();
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return system_error("cannot read", path);
  if ((status.st_mode & 077) != 0)
    return Error{Fault::invalid, fmt::format("{} can be read by others; every password is derived "
                                             "from it: chmod 600 {}",
                                             path, path)};
  auto digits = read_file(path);
  if (!digits) return digits.error();
  return parse_key(path, *digits);
}

Result<std::string> authority_file(const Workspace& workspace, const std::string& pem) {
  const std::string folder = workspace.shared_dir + "/authorities";
  if (auto made = make_folder(folder, 0755); !made) return made.error();
  const auto sum = sha256(pem);
  const std::string digits = hex({reinterpret_cast<const char*>(sum.data()), sum.size()});
  const std::string path = fmt::format("{}/{}.pem", folder, digits.substr(0, 16));
  if (fs::exists(path)) return path;
  std::string beside = path + ".XXXXXX";
  const int file = mkstemp(beside.data());
  if (file < 0) return system_error("cannot create", beside);
  const bool written =
      write(file, pem.data(), pem.size()) == ssize_t(pem.size()) && fchmod(file, 0644) == 0;
  const bool closed = close(file) == 0;
  if (written && closed && rename(beside.c_str(), path.c_str()) == 0) return path;
  const Error failure = system_error("cannot create", path);
  unlink(beside.c_str());
  return failure;
}

std::string resolve(const Workspace& workspace, const std::string& path) {
  if (path.starts_with("~/"))
    if (const char* home = std::getenv("HOME")) return home + path.substr(1);
  return (fs::path(workspace.config_folder) / path).lexically_normal().string();
}

Result<Secret> read_secret(const Workspace& workspace, const SecretSource& source) {
  if (const auto* variable = std::get_if<FromEnvironment>(&source)) {
    const char* value = std::getenv(variable->variable.c_str());
    if (!value || !*value)
      return Error{Fault::invalid, "environment variable " + variable->variable + " is not set"};
    return Secret(value);
  }
  auto text = read_file(resolve(workspace, std::get<FromFile>(source).path));
  if (!text) return text.error();
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  if (text->empty())
    return Error{Fault::invalid, "secret file " + std::get<FromFile>(source).path + " is empty"};
  return Secret(*std::move(text));
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Fault::missing, "cannot read " + path + ": " + std::strerror(errno)};
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return Error{Fault::broken, "cannot read " + path};
  return std::move(text).str();
}

}  // namespace bough
