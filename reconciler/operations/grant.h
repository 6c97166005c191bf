#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace bough::operations {

/// What somebody may do. `admin` may everything, `apply` also `plan` and `read`, `plan` and
/// `approve` also `read`.
enum class Scope { read, plan, apply, approve, admin };
std::optional<Scope> parse_scope(std::string_view word);
std::string_view word_of(Scope scope);

/// Who asks, and what they may do.
struct Grant {
  std::string name;
  std::set<Scope> scopes;
  std::set<std::string> repositories;  ///< empty: all
  bool local = false;                  ///< a command typed on this machine

  bool may(Scope scope) const;
  bool sees(std::string_view repository) const;
  bool sees_all() const { return repositories.empty(); }
  /// `token ci`, `local mary`.
  std::string title() const;
};

/// Who types commands on this machine: may everything.
Grant local_grant();

}  // namespace bough::operations
