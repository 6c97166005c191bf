#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "spec/result.h"

namespace bough {

/// A text that holds its rule: a value that exists is valid. `Rule::complaint(text)` says what is
/// wrong with a text, or nothing.
template <typename Rule>
class Name {
 public:
  /// The name, or Fault::invalid with what is wrong.
  static Result<Name> parse(std::string_view text) {
    if (auto wrong = Rule::complaint(text)) return Error{Fault::invalid, *std::move(wrong)};
    return Name(std::string(text));
  }
  const std::string& text() const { return text_; }
  auto operator<=>(const Name&) const = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// App Spec names of apps and components: `^[a-z][a-z0-9-]{0,30}[a-z0-9]$`.
struct ComponentRule {
  static std::optional<std::string> complaint(std::string_view text);
};
struct AppRule : ComponentRule {};

/// What Git accepts below refs/heads/ (git-check-ref-format), as raw bytes, at most 4096.
struct BranchRule {
  static std::optional<std::string> complaint(std::string_view text);
};

/// A commit's object id: 40 or 64 lower-case hexadecimal digits.
struct CommitRule {
  static std::optional<std::string> complaint(std::string_view text);
};

/// Operator-chosen names of repositories and instances: `^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`.
struct LabelRule {
  static std::optional<std::string> complaint(std::string_view text);
};
struct RepositoryRule : LabelRule {};
struct InstanceRule : LabelRule {};

/// A physical database: 1 to 63 bytes (PostgreSQL NAMEDATALEN - 1), no NUL. Its login role has the
/// same name.
struct DatabaseRule {
  static std::optional<std::string> complaint(std::string_view text);
};

using AppName = Name<AppRule>;
using ComponentName = Name<ComponentRule>;
using BranchName = Name<BranchRule>;
using Commit = Name<CommitRule>;
using RepositoryName = Name<RepositoryRule>;
using InstanceName = Name<InstanceRule>;
using DatabaseName = Name<DatabaseRule>;

}  // namespace bough
