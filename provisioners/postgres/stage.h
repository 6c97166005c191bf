#pragma once

#include <memory>
#include <string>

#include "provisioners/postgres/dev_host.h"
#include "provisioners/postgres/files.h"
#include "provisioners/postgres/sightings.h"
#include "provisioners/postgres/transfer.h"
#include "provisioners/stage.h"

namespace bough::postgres {

/// A server of its own in a folder of its own, with passwords of its own.
class PrivateStage final : public Stage {
 public:
  /// Also removes what killed processes left. Fault::missing when that version is not installed.
  static Result<std::unique_ptr<Stage>> open(const StageRequest& request);
  ~PrivateStage() override;

  const std::string& folder() const override { return folder_; }
  Result<Endpoint> empty(const std::string& name) override;
  Result<void> copy(const Endpoint& from, const Endpoint& to, Content content) override;
  Result<void> watch(const Endpoint& at) override;
  Result<Sightings> sightings() override;
  Result<std::string> structure(const Endpoint& of) override;

 private:
  PrivateStage(const StageRequest& request, std::string folder, FileLock lock, const Key& key);
  Result<void> start();
  Result<Transfer> tools() const;
  Result<Login> admin(const std::string& database) const;
  Result<void> fill(const Transfer& with, const std::string& file, const Endpoint& to);

  const StageRequest request_;
  const std::string folder_;
  const FileLock lock_;  ///< tells others that this is in use
  const Key key_;
  Host host_;
  const InstanceName instance_;
  ServerAccess access_;
  std::unique_ptr<Watching> watching_;
  int generation_ = 0;
};

}  // namespace bough::postgres
