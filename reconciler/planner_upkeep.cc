// What a database in use is to be like: its role's limits, privileges and password, who else may
// come in, what the operator wants to have in it.
#include <fmt/format.h>

#include <algorithm>

#include "reconciler/planner_upkeep.h"
#include "spec/time.h"

namespace bough::planner {
namespace {

constexpr int kHard = 120;  // percent of the budget beyond which nobody is let in
constexpr int kAgain = 95;  // percent of the budget below which writes are allowed again

/// One database under repair.
struct Care {
  const Subject& subject;
  const Target at;
  const SeenDatabase& database;
  const SeenRole* role;
  const Contents& contents;
  bool production;
};

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + printable(name);
  return text;
}

std::string size_text(long long bytes) {
  constexpr double kMiB = 1024.0 * 1024;
  const double size = static_cast<double>(bytes);
  return size >= 1024 * kMiB ? fmt::format("{:.1f} GiB", size / (1024 * kMiB))
                             : fmt::format("{:.1f} MiB", size / kMiB);
}

/// Roles of other databases of ours.
std::set<std::string> ours_among(const Care& care, const std::set<std::string>& names) {
  std::set<std::string> result;
  for (const std::string& name : names) {
    const auto found = care.contents.roles.find(name);
    if (name != care.at.name.text() && found != care.contents.roles.end() && found->second.mark)
      result.insert(name);
  }
  return result;
}

/// Memberships that reach beyond the role's own database: those of other branches, and those that
/// the server itself has.
std::set<std::string> too_far(const Care& care) {
  std::set<std::string> result = ours_among(care, care.role->member_of);
  for (const std::string& name : care.role->member_of)
    if (name.starts_with("pg_")) result.insert(name);
  return result;
}

const Checkup* checkup_of(const Care& care) {
  const auto& all = care.subject.sight.observed().checkups;
  const auto found = all.find({care.at.instance, care.at.name});
  return found == all.end() ? nullptr : &found->second;
}

/// Between the thresholds what was said last stays.
Writes writes_for(long long bytes, long long budget, Writes now) {
  if (bytes * 100 > budget * kHard) return Writes::none;
  if (bytes > budget) return now == Writes::none ? now : Writes::discouraged;
  return bytes * 100 < budget * kAgain ? Writes::allowed : now;
}

Writes writes_wanted(const Care& care) {
  const auto budget = care.subject.wanted.limits.size_bytes;
  const Checkup* checkup = checkup_of(care);
  if (!budget || care.production) return Writes::allowed;
  // What is not known changes nothing.
  return checkup ? writes_for(checkup->bytes, *budget, care.role->writes) : care.role->writes;
}

void add_difference(const char* what, const std::string& wanted, const std::string& seen,
                    std::string& text) {
  if (wanted == seen) return;
  text +=
      fmt::format("{}{} is {}, and {} is asked for", text.empty() ? "" : "; ", what, seen, wanted);
}

std::string count_text(const std::optional<int>& count) {
  return count ? std::to_string(*count) : "without limit";
}
std::string time_text(const std::optional<std::chrono::milliseconds>& limit) {
  return limit ? to_text(*limit) : "without limit";
}

std::string differences(const Limits& wanted, const Limits& seen) {
  std::string text;
  add_difference("connections", count_text(wanted.connections), count_text(seen.connections), text);
  add_difference("statement_timeout", time_text(wanted.statement_timeout),
                 time_text(seen.statement_timeout), text);
  add_difference("idle_timeout", time_text(wanted.idle_timeout), time_text(seen.idle_timeout),
                 text);
  add_difference("idle_in_transaction_timeout", time_text(wanted.idle_in_transaction_timeout),
                 time_text(seen.idle_in_transaction_timeout), text);
  return text;
}

std::string size_reason(const Care& care, Writes wanted) {
  const Checkup* checkup = checkup_of(care);
  if (!checkup || !care.subject.wanted.limits.size_bytes) return "its size is not limited any more";
  const std::string size = fmt::format("it has {} of {}", size_text(checkup->bytes),
                                       size_text(*care.subject.wanted.limits.size_bytes));
  return size + (wanted == Writes::allowed       ? ": it may write again"
                 : wanted == Writes::discouraged ? ": its sessions are read-only by default"
                                                 : ": nobody is let in any more");
}

/// Limits are the operator's, so production gets them too; a privilege that production's login has
/// may be in use.
void restrict_role(const Care& care, Writes writes, Draft& draft) {
  const SeenRole& role = *care.role;
  const std::set<std::string> far = too_far(care);
  const bool more = role.elevated || !far.empty();
  const std::string found = !more         ? ""
                            : far.empty() ? "its role has privileges that it was not given by bough"
                                          : fmt::format("its role is a member of {}", joined(far));
  if (more && care.production)
    draft.alarm(care.at.place,
                fmt::format("{}; somebody may rely on that, so take it back by hand", found));
  const Limits wanted = as_shown(care.subject.wanted.limits, writes, care.contents.version);
  const bool mend = more && !care.production;
  if (!mend && wanted == role.limits && writes == role.writes) return;
  const std::string because = mend                    ? found
                              : writes != role.writes ? size_reason(care, writes)
                                                      : differences(wanted, role.limits);
  draft.add(RestrictRole{care.at, care.subject.wanted.limits, writes,
                         mend ? far : std::set<std::string>()},
            because, mend);
}

void mend_access(const Care& care, const Mark& mark, Draft& draft) {
  const std::set<std::string> guests = ours_among(care, care.database.guests);
  // One that was adopted may stay its owner's.
  const std::string& owner = mark.owner.empty() ? care.at.name.text() : mark.owner;
  const bool other_owner = care.database.owner != owner;
  if (other_owner && care.production)
    draft.alarm(
        care.at.place,
        fmt::format("database {} belongs to {} now, not to its role; give it back with ALTER "
                    "DATABASE … OWNER TO",
                    care.at.name.text(), printable(care.database.owner)));
  if (guests.empty() && (!other_owner || care.production)) return;
  draft.add(GrantAccess{care.at, mark, guests},
            other_owner ? fmt::format("it belongs to {}", printable(care.database.owner))
                        : fmt::format("{} may connect", joined(guests)),
            true);
}

/// Whether the login's password is as derived, as far as it was tried.
bool mend_password(const Care& care, Mark& mark, Draft& draft) {
  const Checkup* checkup = checkup_of(care);
  if (!checkup || checkup->let_in != false || checkup->generation != mark.generation) return true;
  if (care.production) {
    draft.alarm(
        care.at.place,
        fmt::format("the password of {} was changed outside of bough; bough rotate {} gives "
                    "it a new one",
                    care.at.name.text(), care.at.place.home.repository.text()));
    return false;
  }
  ++mark.generation;
  draft.add(SetPassword{care.at, mark}, "its password was changed outside of bough", true);
  return true;
}

void note_size(const Care& care, Draft& draft) {
  const Checkup* checkup = checkup_of(care);
  const auto budget = care.subject.wanted.limits.size_bytes;
  if (!checkup || !budget || !care.production || checkup->bytes <= *budget) return;
  draft.plan.diagnostics.push_back(
      {address(care.at.place),
       {},
       Severity::warning,
       "over-budget",
       fmt::format("{} has {}, more than its budget of {}; production's writes are never withdrawn",
                   care.at.name.text(), size_text(checkup->bytes), size_text(*budget)),
       "make room, or raise limits.size"});
}

/// Those of the app's sources that mean this database's login.
std::set<TrustedSource> trusted_by(const Wanted& wanted, const DatabaseName& name) {
  std::set<TrustedSource> result;
  for (const TrustedSource& source : wanted.trusted)
    if (!source.login || *source.login == name.text())
      result.insert({source.address, std::nullopt});
  return result;
}

void plan_trust(const Subject& subject, const Target& at, const std::set<TrustedSource>& seen,
                Draft& draft) {
  const auto wanted = trusted_by(subject.wanted, at.name);
  if (wanted == seen) return;
  std::set<std::string> addresses;
  for (const TrustedSource& source : wanted) addresses.insert(source.address);
  draft.add(TrustSources{at, wanted}, addresses.empty()
                                          ? "bough.yaml trusts no other machine any more"
                                          : "bough.yaml trusts " + joined(addresses));
}

void plan_extensions(const Subject& subject, const Target& at, Mark& mark, Draft& draft) {
  std::vector<std::string> missing;
  for (const std::string& name : subject.wanted.extensions)
    if (mark.extensions.insert(name).second) missing.push_back(name);
  if (missing.empty()) return;
  const std::string because = "bough.yaml asks for " + joined({missing.begin(), missing.end()});
  draft.add(MakeExtensions{at, mark, missing}, because);
}

}  // namespace

void plan_earlier_role(const Subject& subject, const Target& at, Draft& draft) {
  const SeenRole* role = subject.sight.role(at.instance, at.name.text());
  const Contents* contents = subject.sight.contents(at.instance);
  if (!role || !contents) return;
  const SeenDatabase none{};
  restrict_role({subject, at, none, role, *contents, is_production(at.place.home.environment)},
                Writes::allowed, draft);
}

void plan_equipment(const Subject& subject, const Target& at, Mark& mark, Draft& draft) {
  plan_trust(subject, at, {}, draft);
  plan_extensions(subject, at, mark, draft);
}

bool plan_upkeep(const Subject& subject, const Seen& seen, Mark& mark, Draft& draft) {
  const Target at{seen.instance, subject.wanted.place, seen.name};
  const Care care{subject,
                  at,
                  *seen.database,
                  subject.sight.role(seen.instance, seen.name.text()),
                  *subject.sight.contents(seen.instance),
                  is_production(at.place.home.environment)};
  mend_access(care, mark, draft);
  note_size(care, draft);
  bool fit = true;
  // A role that is made anew gets its limits then.
  if (care.role) {
    const Writes writes = writes_wanted(care);
    restrict_role(care, writes, draft);
    fit = mend_password(care, mark, draft) && writes == Writes::allowed;
    if (writes != Writes::allowed)
      draft.refuse(at.place, size_reason(care, writes) +
                                 "; make room, raise limits.size, or "
                                 "rebuild the database");
  }
  plan_trust(subject, at, seen.database->trusted, draft);
  if (fit) plan_extensions(subject, at, mark, draft);
  return fit;
}

}  // namespace bough::planner
