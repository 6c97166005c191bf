#include "reconciler/operations/grant.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>

namespace bough::operations {
namespace {

constexpr Scope kScopes[] = {Scope::read, Scope::plan, Scope::apply, Scope::approve, Scope::admin};

/// Whether having one scope means having the other.
bool implies(Scope has, Scope wanted) {
  if (has == wanted || has == Scope::admin) return true;
  if (has == Scope::apply) return wanted == Scope::plan || wanted == Scope::read;
  return wanted == Scope::read;
}

}  // namespace

std::string_view word_of(Scope scope) {
  switch (scope) {
    case Scope::read:
      return "read";
    case Scope::plan:
      return "plan";
    case Scope::apply:
      return "apply";
    case Scope::approve:
      return "approve";
    case Scope::admin:
      return "admin";
  }
  return "";
}

std::optional<Scope> parse_scope(std::string_view word) {
  for (const Scope scope : kScopes)
    if (word_of(scope) == word) return scope;
  return std::nullopt;
}

bool Grant::may(Scope scope) const {
  return std::any_of(scopes.begin(), scopes.end(), [&](Scope has) { return implies(has, scope); });
}

bool Grant::sees(std::string_view repository) const {
  return repositories.empty() || repositories.contains(std::string(repository));
}

std::string Grant::title() const {
  return (local ? "local " : "token ") + name;
}

Grant local_grant() {
  const passwd* user = getpwuid(getuid());
  return {user ? user->pw_name : std::to_string(getuid()), {Scope::admin}, {}, true};
}

}  // namespace bough::operations
