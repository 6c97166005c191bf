#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "spec/names.h"
#include "spec/run_user.h"
#include "spec/secret.h"

/// What provisioners are told by those who use them.
namespace bough {

/// How to reach and log in to one server as its admin.
struct ServerAccess {
  InstanceName instance;
  std::string url;  ///< postgresql:// without a password, or key=value pairs
  std::optional<Secret> password;
  std::string ca_cert_file;        ///< empty: the system's
  std::string certificate_file{};  ///< the client's own; empty: none
  std::string key_file{};
  std::string data_folder{};  ///< of a server on this machine that we may look at; else empty
};

/// What copying from server to server takes.
struct CopyTools {
  std::string folder;                   ///< for files in passing; `user` can reach it
  std::vector<std::string> binaries{};  ///< more folders to look into for programs
  std::optional<RunUser> user{};        ///< who runs them; nothing: ourselves
  std::function<bool()> stopping = [] { return false; };  ///< true ends it soon
};

/// What copying a database out of its server, or back, takes.
struct Errand {
  std::string file;                     ///< of the dump; made with mode 0600
  std::vector<std::string> binaries{};  ///< more folders with the engine's client programs
  std::optional<RunUser> user{};        ///< who runs those; nothing: ourselves
  std::function<bool()> stopping = [] { return false; };  ///< true ends it soon
};

}  // namespace bough
