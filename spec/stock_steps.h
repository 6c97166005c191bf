#pragma once

#include <vector>

#include "spec/mark.h"
#include "spec/stock.h"
#include "spec/target.h"

/// Steps about what is kept ready for new branches.
namespace bough {

/// Makes the role and the database of a branch from what is kept ready: the spare, which is made
/// first where it is not there, takes its name and its login. Then as GrantAccess. A role that is
/// there already stays.
struct CopyDatabase {
  Target at;
  Mark mark;
  Limits limits;
  Stock stock;
  DatabaseName spare;
  bool operator==(const CopyDatabase&) const = default;
};
/// Something that is kept ready on a server; it belongs to no environment.
struct Kept {
  InstanceName instance;
  DatabaseName name;
  Stock stock;
  bool operator==(const Kept&) const = default;
};
/// Makes a template of what production holds, masked before anybody can connect to it. Production
/// is only read. Older templates of the stock go.
struct FillTemplate {
  Kept kept;
  InstanceName source;
  Mark production;  ///< of the database on `source`
  std::vector<MaskingRule> masking;
  Instant since;  ///< at the earliest; of no meaning to people
  bool operator==(const FillTemplate&) const = default;
};
/// Makes a spare: from the newest template of its stock, or empty.
struct MakeSpare {
  Kept kept;
  bool operator==(const MakeSpare&) const = default;
};
/// Drops a template or a spare, and its role.
struct DropStock {
  Kept kept;
  bool operator==(const DropStock&) const = default;
};
}  // namespace bough
