#pragma once

#include <optional>
#include <string>

#include "provisioners/postgres/layout.h"
#include "provisioners/provisioner.h"

namespace bough::postgres {

/// One dev cluster: its files and its server. Objects of several processes may be at work on the
/// same cluster; what changes it REQUIRES the lock of its layout.
class Cluster {
 public:
  /// The cluster of that version below an absolute folder. Touches nothing.
  Cluster(const std::string& folder, int version, std::optional<RunUser> user, const Key& key);

  const Layout& layout() const { return layout_; }
  bool exists() const;
  ServerAccess access() const;
  std::optional<int> port() const;

  /// The server's process once it accepts connections; nothing when it does not run.
  std::optional<int> ready() const;

  /// Success when our own server answers; Fault::denied when the key does not fit it.
  Result<void> answers() const;

  /// Makes the cluster with the programs in `binaries`, complete or not at all.
  Result<void> create(const std::string& binaries) const;

  /// Removes what interrupted creations left, as far as that works.
  void remove_leftovers() const;

  /// Starts its server and waits until it answers; with another port if somebody took its own.
  Result<void> start(const std::string& binaries) const;

  /// Who may reach its databases from other machines.
  DevHost::Trusted trusted() const;
  /// See DevHost::trust.
  Result<void> trust(const std::string& binaries, const std::string& database,
                     const std::set<TrustedSource>& sources) const;

  /// Ends its sessions and its server. Fine when it does not run.
  Result<void> stop() const;

 private:
  enum class Outcome { up, port_taken, not_gone_yet };
  Result<Outcome> try_start(const std::string& binaries) const;
  Result<Outcome> await(int pid, long log_before) const;
  Result<void> fill_in(const std::string& binaries, const std::string& fresh) const;
  Result<void> run_initdb(const std::string& binaries, const std::string& data) const;
  Result<void> close_cluster(const std::string& binaries, const std::string& data) const;
  Result<void> settle_port() const;
  std::optional<Lockfile> process() const;
  bool ours(int pid) const;
  unsigned uid() const;

  const std::string folder_;
  const int version_;
  const std::optional<RunUser> user_;
  const Key key_;
  const Layout layout_;
};

}  // namespace bough::postgres
