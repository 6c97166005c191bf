#pragma once

#include <functional>
#include <string>

#include "provisioners/postgres/catalogue.h"
#include "provisioners/postgres/render.h"
#include "spec/result.h"

namespace bough::postgres {

/// What to send for an action, given what is there: the rule that only what is marked for this very
/// place is touched. Nothing to send when the server is as asked already; Fault::refused for what
/// is not ours; Fault::stale when what the action builds on is gone. Pure.
Result<Statements> writes(const CreateRole& create, const Facts& facts, int version,
                          const Fill& fill);
Result<Statements> writes(const CreateDatabase& create, const Facts& facts);
/// `verifier` is asked for only if the role's password has to change.
Result<Statements> writes(const GrantAccess& grant, const Facts& facts, const std::string& mark,
                          const std::function<std::string()>& verifier);
Result<Statements> writes(const SetStanding& set, const Facts& facts, const Fill& fill);
/// Only after the database was closed and its sessions have ended.
Result<Statements> writes(const SetAside& set, const Facts& facts, const Fill& fill);
Result<Statements> writes(const RestrictRole& to, const Facts& facts, int version);
Result<Statements> writes(const SetPassword& set, const Facts& facts, const Fill& fill);
Result<Statements> writes(const MakeExtensions& make, const Facts& facts, const std::string& mark);
/// Only after the database was closed and its sessions have ended. `facts` are of its name so far,
/// `then` of the name that it takes.
Result<Statements> writes(const PutInPlace& put, const Facts& facts, const Facts& then,
                          const Fill& fill);
Result<Statements> writes(const MoveDatabase& move, const Facts& facts, const Fill& fill);
Result<Statements> writes(const AdoptDatabase& adopt, const Facts& facts, int version,
                          const Fill& fill);
Result<Statements> writes(const DropDatabase& drop, const Facts& facts);
Result<Statements> writes(const DropRole& drop, const Facts& facts);

/// Whether the database is still to be made: false when it is as the copy would leave it. Of what
/// is there already only our role may stay.
Result<bool> may_be_made(const CopyDatabase& copy, const Facts& facts);

/// Who is no superuser must be a member of a role to own things in its name and end its sessions;
/// from 16 on creating it does not imply that.
std::string join_role(const DatabaseName& role, int version);

/// The new mark of a database that is ours.
Result<Statements> writes(const Target& at, const Facts& facts, const std::string& mark);

/// Success when what bears that name now was renamed from the target's, which nobody else has.
/// `now` and `then` are the facts about the two names.
Result<void> may_rename_role(const RenameBack& back, const Facts& now, const Facts& then);
Result<void> may_rename_database(const RenameBack& back, const Facts& now, const Facts& then);
/// Success when the database is ours and marked exactly so.
Result<void> stands_so(const Target& at, const Mark& mark, const Facts& facts);

/// Success when the role is ours, so that its sessions may be ended.
Result<void> may_end_sessions(const Target& at, const Facts& facts);

}  // namespace bough::postgres
