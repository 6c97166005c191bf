#include "provisioners/postgres/dev_host.h"
#include "provisioners/postgres/render.h"
#include "provisioners/postgres/server.h"
#include "provisioners/postgres/stage.h"

namespace bough {
namespace {

std::unique_ptr<Provisioner> connect(const ServerAccess& access, const Key& key, int connections) {
  return std::make_unique<postgres::Server>(access, key, connections);
}

std::unique_ptr<DevHost> dev_host(const DevHostRequest& request) {
  return std::make_unique<postgres::Host>(request);
}

}  // namespace

const EngineDriver& postgres_driver();

const EngineDriver& postgres_driver() {
  static const EngineDriver driver{Engine::pg, "PostgreSQL", postgres::render,
                                   connect,    dev_host,     postgres::PrivateStage::open};
  return driver;
}

}  // namespace bough
