#pragma once

#include <string>

#include "provisioners/postgres/login.h"
#include "provisioners/provisioner.h"
#include "spec/bindables.h"

namespace bough::postgres {

/// From production's database into an empty one that nobody but us reaches.
struct CopyJob {
  const FillTemplate& fill;
  Endpoint production;
  Endpoint copy;  ///< as the role that will own all of it
  Login admin;    ///< ours, to the copy
};

/// Fills the copy, masked as the step says, by the programs of one pg_dump that is new enough. On
/// an error the copy is of no use, and may hold what is to be masked. Production's sessions wait
/// for nothing: when one waits for a lock of the dump, the dump ends with Fault::unavailable, as
/// all does when `with` says so.
Result<void> copy_production(const CopyJob& job, const CopyTools& with, const Key& key);

}  // namespace bough::postgres
