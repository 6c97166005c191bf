#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "provisioners/postgres/cluster.h"
#include "provisioners/postgres/programs.h"
#include "provisioners/provisioner.h"

namespace bough::postgres {

/// The dev servers of PostgreSQL: one cluster for each major version under FOLDER/dev. Thread-safe.
class Host final : public DevHost {
 public:
  explicit Host(const DevHostRequest& request);

  std::vector<int> installed() const override;
  InstanceName instance_for(std::string_view version) const override;
  bool owns(const InstanceName& instance) const override;
  std::optional<SeenInstance> absent(const InstanceName& instance) const override;
  Result<ServerAccess> ensure(const InstanceName& instance) override;
  Trusted trusted(const InstanceName& instance) const override;
  Result<void> trust(const InstanceName& instance, const std::string& database,
                     const std::set<TrustedSource>& sources) override;
  Result<void> stop(const InstanceName& instance) override;
  std::vector<Status> status() const override;

 private:
  const std::vector<Programs>& programs() const;
  std::optional<std::string> binaries(int version) const;
  Cluster cluster(int version) const;
  bool runs(const Cluster& cluster, int version);
  Result<void> bring_up(const Cluster& cluster, int version);
  Result<void> prepare_folders(const Cluster& cluster) const;
  Unavailable not_installed(std::string_view version) const;

  const std::string folder_;
  const Key key_;
  const std::vector<std::string> configured_;
  const std::optional<RunUser> user_;
  mutable std::mutex mutex_;
  mutable std::optional<std::vector<Programs>> programs_;
  std::map<int, int> verified_;  ///< version → process that was seen to be ours and to answer
};

}  // namespace bough::postgres
