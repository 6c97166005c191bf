#pragma once

#include <set>
#include <string>
#include <vector>

#include "spec/observed.h"
#include "spec/plan.h"
#include "spec/result.h"

/// What typed commands do to one database: pure, over what the servers hold.
namespace bough {

/// One of our databases as a command means it.
struct Ours {
  Target at;
  Mark mark;
};

/// The databases of a repository in these environments (all of them when empty), by name; without
/// those that were set aside.
std::vector<Ours> ours(const Observed& observed, const RepositoryName& repository,
                       const std::set<Environment>& environments);

/// Those that were set aside.
std::vector<Ours> set_aside(const Observed& observed, const RepositoryName& repository,
                            const std::set<Environment>& environments);

/// The steps that withdraw the logins until `resume`; none for those that wait already.
std::vector<Step> suspension(const std::vector<Ours>& databases, Instant now);
/// The steps that give the logins back to suspended, held and detached databases, for as long as a
/// hold even if Git does not ask for them.
std::vector<Step> resumption(const std::vector<Ours>& databases, Instant now);
/// The steps that let the holds of databases end that wait for a person's word.
std::vector<Step> confirmation(const std::vector<Ours>& databases);
/// The steps that give the logins of databases in use a new password.
std::vector<Step> rotation(const std::vector<Ours>& databases);
/// The one that was typed out, on this instance unless that is empty. Fault::missing, with the
/// names there are, without one; Fault::refused, with the instances, when several have the name, as
/// after a move.
Result<Ours> typed_out(const std::vector<Ours>& databases, const std::string& name,
                       const std::string& instance);
/// The steps that drop the database and its role for ever.
std::vector<Step> destruction(const Ours& database);

}  // namespace bough
