#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "git/mirror.h"
#include "git/worker.h"

namespace bough::testing {

/// A folder of its own under the system's temporary one, gone afterwards; others may enter it.
class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();
  std::string path(std::string_view name = "") const;

 private:
  std::string path_;
};

/// The standard output of the shell script; a test failure when it does not exit with 0.
std::string shell(const std::string& script);
void write_file(const std::string& path, std::string_view text);
std::string text_of_file(const std::string& path);

/// A bare repository to push to, filled by fast-import, so any name and date will do.
class Origin {
 public:
  explicit Origin(std::string folder);
  const std::string& folder() const { return folder_; }

  /// One commit on top of the branch, or of `base` for a new one: `app.yaml` with that text.
  Commit commit(const std::string& branch, const std::string& text, const std::string& base = "");
  /// A branch whose only commit holds these `mode path content-or-target` entries.
  struct Entry {
    std::string mode;
    std::string path;
    std::string content;
  };
  Commit tree(const std::string& branch, const std::vector<Entry>& entries);
  void import(const std::string& stream);
  void remove(const std::string& branch);
  Commit tip(const std::string& branch) const;
  std::string git(const std::string& arguments) const;

 private:
  std::string folder_;
  long clock_ = 1'700'000'000;
};

/// For Origin::import: 1,000 branches that left a long `main` early, each with a commit of its own
/// day; `feature/3` has a hundred.
std::string thousand_branches();

/// A server process with its process group; killed at the end.
class Server {
 public:
  /// Starts it and waits until something listens on the port of 127.0.0.1 or the Unix socket.
  Server(const std::vector<std::string>& arguments, int port);
  Server(const std::vector<std::string>& arguments, const std::string& socket);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

 private:
  void start(const std::vector<std::string>& arguments);
  void await(const std::function<bool()>& ready);

  pid_t pid_ = -1;
};

/// A port of 127.0.0.1 that nothing listened on a moment ago.
int free_port();

/// Listens on a port, accepts nothing, answers nothing: connections are made by the kernel.
class BlackHole {
 public:
  BlackHole();
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;
  ~BlackHole();
  int port() const { return port_; }
  /// Waits until somebody has connected.
  void await_client() const;

 private:
  int socket_;
  int port_;
};

/// The worker processes of this process.
std::vector<pid_t> workers();

Remote remote_at(const std::string& url);
Mirror open_mirror(const std::string& folder, const Remote& remote);
BranchName branch(std::string_view text);
Commit commit_id(std::string_view text);
constexpr std::chrono::seconds kPatience{60};

/// The listing of a fetch that must succeed.
Listing fetched(Mirror& mirror);
/// What the worker itself answers for a mirror that exists.
Fetched fetched_raw(const std::string& folder, const Remote& remote);
/// The error of a fetch that must fail.
Error fetch_error(Mirror& mirror, std::chrono::milliseconds limit = kPatience);
/// The text of app.yaml at a branch of the listing; `(none)` or `(error: …)` otherwise.
std::string app_yaml(const Mirror& mirror, const Listing& listing, const std::string& branch);

}  // namespace bough::testing
