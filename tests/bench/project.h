#pragma once

#include <string>
#include <vector>

#include "tests/bench/sql.h"

namespace bough::bench {

/// Where a run takes place: its folder, and the servers that run.sh has started.
struct Ground {
  std::string folder;
  std::string psql;  ///< the client itself, not a wrapper
  int port = 0;
  int git_port = 0;
  std::string password;  ///< of `postgres`

  std::string conninfo(const std::string& user, const std::string& secret,
                       const std::string& database) const;
  Connection admin() const;
};

/// Sets a server setting for everybody, and waits until it holds for new connections.
void set_on_server(const Ground& ground, const std::string& name, const std::string& value);

/// How a project's repository is reached: as a folder, or through run.sh's git daemon.
enum class Transport { file, daemon };

using Branches = std::vector<std::string>;

/// The five SQL files that every branch has, as texts.
const std::vector<std::string>& migrations();

/// One contestant's app: a repository of its own on this machine, and the databases made for it.
class Project {
 public:
  /// A repository whose branch `main` has app.yaml and the migrations.
  Project(const Ground& ground, const std::string& app, Transport transport);

  const Ground& ground() const { return ground_; }
  const std::string& app() const { return app_; }
  std::string folder() const { return ground_.folder + "/" + app_; }
  std::string remote() const { return folder() + "/remote.git"; }
  std::string url() const;
  std::string database(const std::string& branch) const;
  /// What the operator configures: one psql over all files.
  std::string migration_command() const;

  /// New branches with a commit each on top of main. Nothing of it is timed.
  void push(const Branches& branches) const;
  /// Gives up unless every branch has its migrated database, which its role owns.
  void verify(const Branches& branches) const;
  /// The branches, their databases and roles are gone.
  void remove(const Branches& branches) const;

 private:
  void import(const std::string& stream) const;

  const Ground& ground_;
  std::string app_;
  Transport transport_;
};

}  // namespace bough::bench
