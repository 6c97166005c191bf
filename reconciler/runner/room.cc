#include "reconciler/runner/room.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace bough::runner {
namespace {

namespace fs = std::filesystem;

// bubblewrap takes at most 9000 words of options, three for each variable.
constexpr std::size_t most_variables = 2000;

// The path without links, when it is a folder.
Result<fs::path> real_folder(const fs::path& path) {
  std::error_code error;
  auto real = fs::canonical(path, error);
  if (!error && fs::is_directory(real, error)) return real;
  return Error{Fault::missing, path.string() + " is no folder"};
}

Result<std::string> root_of(const ProcessRequest& request) {
  auto root = real_folder(request.root);
  if (!root) return root.error();
  if (root->has_relative_path()) return root->string();
  return Error{Fault::invalid, "the root folder is no checkout"};
}

bool leaves(const fs::path& folder) {
  return folder.is_absolute() ||
         std::find(folder.begin(), folder.end(), fs::path("..")) != folder.end();
}

// The working folder relative to the root.
Result<std::string> folder_of(const ProcessRequest& request, const std::string& root) {
  const Error outside{Fault::invalid, "the folder " + request.folder + " is not in the checkout"};
  if (request.folder.find('\0') != std::string::npos || leaves(request.folder)) return outside;
  auto real = real_folder(fs::path(root) / request.folder);
  if (!real) return Error{Fault::missing, "the checkout has no folder " + request.folder};
  const auto relative = real->lexically_relative(root);
  if (leaves(relative)) return outside;
  return relative == "." ? std::string() : relative.string();
}

Result<void> check_variables(const std::map<std::string, std::string>& variables) {
  if (variables.size() > most_variables) {
    return Error{Fault::invalid, "more than " + std::to_string(most_variables) + " variables"};
  }
  for (const auto& [name, value] : variables) {
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos) {
      return Error{Fault::invalid, "`" + name + "` cannot be the name of a variable"};
    }
    if (value.find('\0') != std::string::npos) {
      return Error{Fault::invalid, "the variable " + name + " has a NUL byte"};
    }
  }
  return {};
}

Result<void> check_words(const ProcessRequest& request) {
  if (request.command.find('\0') != std::string::npos) {
    return Error{Fault::invalid, "the command has a NUL byte"};
  }
  return check_variables(request.variables);
}

}  // namespace

Result<Room> room_for(const ProcessRequest& request) {
  Room room;
  const auto words = check_words(request);
  if (!words) return words.error();
  auto root = root_of(request);
  if (!root) return root.error();
  auto folder = folder_of(request, *root);
  if (!folder) return folder.error();
  for (const auto& socket : request.sockets) {
    const auto real = real_folder(socket);
    if (!real) return within("socket folder", real.error());
  }
  auto user = request.user ? Result(request.user) : run_user(std::nullopt);
  if (!user) return user.error();
  if (geteuid() == 0) room.user = *user;
  room.root = *std::move(root);
  room.folder = *std::move(folder);
  room.sockets = request.sockets;
  return room;
}

std::map<std::string, std::string> environment_of(const ProcessRequest& request, const Room& room,
                                                  const std::string& home) {
  std::map<std::string, std::string> environment{
      {"HOME", home},
      {"LANG", "C.UTF-8"},
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
      {"SHELL", "/bin/sh"},
      {"TERM", "dumb"},
      {"TZ", "UTC"}};
  if (room.user) environment["USER"] = environment["LOGNAME"] = room.user->name;
  for (const auto& [name, value] : request.variables) environment[name] = value;
  return environment;
}

}  // namespace bough::runner
