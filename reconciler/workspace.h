#pragma once

#include <optional>
#include <string>

#include "spec/config.h"
#include "spec/result.h"
#include "spec/run_user.h"
#include "spec/secret.h"

namespace bough {

/// Where bough keeps things, and whom it steps down to.
struct Workspace {
  std::string config_folder;    ///< relative paths of bough.yaml start here
  std::string data_dir;         ///< key, mirrors, logs; only ours
  std::string shared_dir;       ///< dev instances and checkouts; `user` can reach it
  std::optional<RunUser> user;  ///< nothing unless we are root
};

/// Makes the folders. When we are root and the step-down user cannot reach data_dir, the shared
/// folder is /var/lib/bough/HASH instead.
Result<Workspace> open_workspace(const Config& config, const std::string& config_folder);

/// The installation key in DATA_DIR/key (mode 0600), made when missing; never overwritten.
Result<Key> open_key(const std::string& data_dir);

/// A path of bough.yaml, made absolute.
std::string resolve(const Workspace& workspace, const std::string& path);

/// The secret's text without its final newline; Fault::invalid naming the source, never the text.
Result<Secret> read_secret(const Workspace& workspace, const SecretSource& source);

/// A file with the certificate of a server's authority that commands can read, in a folder with
/// nothing else: its path. Equal texts have one file.
Result<std::string> authority_file(const Workspace& workspace, const std::string& pem);

/// The whole text of a file.
Result<std::string> read_file(const std::string& path);

}  // namespace bough
