#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bough::postgres {

/// Where one dev cluster's files are. Only `data` and `sockets` belong to the server's user: what
/// we write as root is in folders that nobody else can change.
struct Layout {
  std::string base;   ///< FOLDER/dev, of all clusters
  std::string lock;   ///< held while a cluster is created, started or stopped
  std::string fresh;  ///< start of the name of a cluster under creation; becomes home when complete
  std::string home;   ///< FOLDER/dev/pg15
  std::string data;
  std::string log;
  std::string settings;  ///< the server's configuration file
  std::string hba;       ///< who may log in from where
  std::string sockets;   ///< short enough for a Unix socket's path
};

/// The layout below an absolute folder; `uid` is the server's user.
Layout layout_of(const std::string& folder, int version, unsigned uid);

/// Whether a server takes connections from this machine only.
enum class Listening { here, everywhere };

/// The text of `settings`.
std::string settings_text(const Layout& layout, int port, Listening listening);

/// The port in such settings.
std::optional<int> port_in(std::string_view settings);

/// Where to start looking for a free port: of its own for every folder and version, and below the
/// range from which systems take the ports of outgoing connections.
int preferred_port(const std::string& folder, int version);

/// What `postmaster.pid` says.
struct Lockfile {
  int pid = 0;
  bool ready = false;  ///< the server accepts connections
  bool operator==(const Lockfile&) const = default;
};
std::optional<Lockfile> read_lockfile(std::string_view text);

/// The last lines of a log, at most `count`.
std::string last_lines(std::string_view text, std::size_t count);

}  // namespace bough::postgres
