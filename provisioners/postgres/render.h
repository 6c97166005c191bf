#pragma once

#include <string>
#include <vector>

#include "spec/plan.h"

namespace bough::postgres {

using Statements = std::vector<std::string>;

/// What a statement needs besides the step.
struct Fill {
  std::string verifier;  ///< of the role's password
  std::string mark;      ///< the comment's text
  int version = 18;      ///< of the server: older ones know fewer settings
};

/// The statements of each action, each ending in a semicolon. REQUIRES fit names.
Statements statements(const CreateRole& create, const Fill& fill);
Statements statements(const CreateDatabase& create);
Statements statements(const GrantAccess& grant, const Fill& fill);
Statements statements(const SetStanding& set, const Fill& fill);
/// SetAside in two parts: the first lets nobody in, the second REQUIRES that nobody is in.
Statements closing(const SetAside& set);
Statements statements(const SetAside& set, const Fill& fill);
/// `elevated`: it also loses every privilege that no branch role may have.
Statements statements(const RestrictRole& to, int version, bool elevated);
Statements statements(const SetPassword& set, const Fill& fill);
/// RenameBack in two parts: the second REQUIRES that nobody is in the database.
Statements rename_role(const RenameBack& back);
Statements rename_database(const RenameBack& back);
/// PutInPlace and DropDatabase in two parts, likewise.
Statements closing(const PutInPlace& put);
Statements statements(const PutInPlace& put, const Fill& fill);
Statements closing(const DropDatabase& drop);
Statements statements(const DropDatabase& drop);
Statements statements(const DropRole& drop);
Statements statements(const MoveDatabase& move, const Fill& fill);
/// The role of the database's name is made unless it is the owner.
Statements statements(const AdoptDatabase& adopt, const Fill& fill);

/// Who owns the database: its login, unless it was adopted from somebody else.
std::string owner_of(const Mark& mark);
std::string mark_role(const DatabaseName& name, const std::string& mark);
/// The attributes of a login that may do nothing beyond its databases.
extern const std::string_view kNoPrivileges;

/// CreateRole for a role that is there and ours: login, password, limits and mark as asked.
/// `elevated`: it also loses every privilege that no branch role may have.
Statements renewal(const CreateRole& create, const Fill& fill, bool elevated);

/// The comment on the database alone.
std::string mark_database(const DatabaseName& name, const std::string& mark);

/// Makes the extension; in the schema that it wants when that is not its own choice.
std::string make_extension(const std::string& name);

/// Ends the role's sessions; one row with how many there were.
std::string end_sessions(const DatabaseName& name);

/// Lets nobody into the database any more.
std::string close_database(const DatabaseName& name);

/// Ends the sessions in the database, whoever's; one row with how many there were.
std::string end_visits(const DatabaseName& name);

/// The statements of a step for people: secrets are `********`, marks are described. None for steps
/// that send no statement of their own.
std::vector<std::string> render(const Step& step);

}  // namespace bough::postgres
