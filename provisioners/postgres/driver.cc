#include "provisioners/postgres/dev_host.h"
#include "provisioners/postgres/render.h"
#include "provisioners/postgres/server.h"
#include "provisioners/postgres/stage.h"
#include "provisioners/postgres/transfer.h"

namespace bough {
namespace {

std::unique_ptr<Provisioner> connect(const ServerAccess& access, const Key& key, int connections) {
  return std::make_unique<postgres::Server>(access, key, connections);
}

std::unique_ptr<DevHost> dev_host(const DevHostRequest& request) {
  return std::make_unique<postgres::Host>(request);
}

Result<void> can_dump(int version, const std::vector<std::string>& binaries,
                      const std::optional<RunUser>& user) {
  auto transfer = postgres::transfer_for(version, binaries, user);
  return transfer ? Result<void>() : transfer.error();
}

}  // namespace

const EngineDriver& postgres_driver();

const EngineDriver& postgres_driver() {
  static const EngineDriver driver{Engine::pg,
                                   "PostgreSQL",
                                   postgres::render,
                                   connect,
                                   dev_host,
                                   can_dump,
                                   postgres::PrivateStage::open};
  return driver;
}

}  // namespace bough
