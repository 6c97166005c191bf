#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "spec/desired.h"
#include "spec/mark.h"
#include "spec/run_steps.h"
#include "spec/stock_steps.h"
#include "spec/target.h"

namespace bough {

/// Creates the dev instance's private server. Afterwards it is empty and answers.
struct StartInstance {
  InstanceName instance;
  int version = 0;
  bool operator==(const StartInstance&) const = default;
};
/// Creates the marked login role.
struct CreateRole {
  Target at;
  Limits limits;
  bool operator==(const CreateRole&) const = default;
};
/// Creates the database, owned by its role, closed to everybody.
struct CreateDatabase {
  Target at;
  bool operator==(const CreateDatabase&) const = default;
};
/// Withdraws PUBLIC and who is named, lets the role in, marks the database and opens it, in one
/// transaction.
struct GrantAccess {
  Target at;
  Mark mark;
  std::set<std::string> evict{};
  bool operator==(const GrantAccess&) const = default;
};
/// Sets the standing: withdraws the login and ends its sessions for held, detached and suspended,
/// gives it back for active; the mark says so.
struct SetStanding {
  Target at;
  Mark mark;  ///< the mark as it is to be
  bool operator==(const SetStanding&) const = default;
};
/// Takes a branch's database out of use as it is: renamed, held, its login without access to it.
/// The role and the name are free for another.
struct SetAside {
  Target at;
  Mark mark;  ///< as it is to be, under the new name
  bool operator==(const SetAside&) const = default;
};
/// Makes the role what it is to be: these limits, no privilege, not a member of those.
struct RestrictRole {
  Target at;
  Limits limits;
  Writes writes = Writes::allowed;
  std::set<std::string> leave{};
  bool operator==(const RestrictRole&) const = default;
};
/// Gives the login the password of the mark's generation. Its sessions go on.
struct SetPassword {
  Target at;
  Mark mark;  ///< as it is to be
  bool operator==(const SetPassword&) const = default;
};
/// Gives a database, a role, or both the name back that their marks were written for.
struct RenameBack {
  Target at;
  std::optional<DatabaseName> database;  ///< what they are called now; nothing: as they should be
  std::optional<DatabaseName> role;
  bool operator==(const RenameBack&) const = default;
};
/// Makes extensions in the database that are not there yet.
struct MakeExtensions {
  Target at;
  Mark mark;  ///< as it is to be
  std::vector<std::string> names;
  bool operator==(const MakeExtensions&) const = default;
};
/// Lets these, and no others beyond this machine, connect to the database of a dev instance.
struct TrustSources {
  Target at;
  std::set<TrustedSource> sources;
  bool operator==(const TrustSources&) const = default;
};
/// Writes a held database to a file, and proves the file by filling a scratch copy from it.
struct DumpDatabase {
  Target at;
  Mark mark;  ///< as it stands
  bool operator==(const DumpDatabase&) const = default;
};
/// Makes a scratch database, with a login of its own, and fills it from a dump.
struct FillDatabase {
  Target at;         ///< of the scratch copy
  std::string dump;  ///< its id
  bool operator==(const FillDatabase&) const = default;
};
/// Gives a database that is aside or scratch the name and place of its mark; what is in it belongs
/// to the place's role, which is there. The name is free.
struct PutInPlace {
  Target at;  ///< under its name so far
  Mark mark;  ///< as it is to be
  bool operator==(const PutInPlace&) const = default;
};
/// Lets a database, as it is, belong to another place: its branch has another name now.
struct MoveDatabase {
  Target at;  ///< at its new place
  Mark from;  ///< its mark so far
  bool operator==(const MoveDatabase&) const = default;
};
/// Takes an unmarked database and the role of its name under the mark. Who may connect to it still
/// may, by name; PUBLIC may not. What is in it changes its owner only if `reown`.
struct AdoptDatabase {
  Target at;
  Mark mark;
  bool reown = false;
  bool operator==(const AdoptDatabase&) const = default;
};
/// Drops a marked database: a typed command named it, its hold is over, or it is what something
/// interrupted left. Nobody gets in any more before it goes; when it cannot be dropped it stays.
struct DropDatabase {
  Target at;
  std::optional<Mark> only{};  ///< stays when it is marked otherwise by now
  bool operator==(const DropDatabase&) const = default;
};
/// Drops a marked role that has no database.
struct DropRole {
  Target at;
  bool operator==(const DropRole&) const = default;
};
using Action =
    std::variant<StartInstance, CreateRole, CreateDatabase, CopyDatabase, GrantAccess, SetStanding,
                 SetAside, RestrictRole, SetPassword, RenameBack, MakeExtensions, TrustSources,
                 DumpDatabase, FillDatabase, PutInPlace, MoveDatabase, AdoptDatabase, DropDatabase,
                 DropRole, Build, KeepImage, Migrate, PutBack, DropImage, Seed, RunJobs,
                 FillTemplate, MakeSpare, DropStock>;

}  // namespace bough
