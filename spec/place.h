#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "spec/names.h"

namespace bough {

/// Environments: where a revision runs. A branch environment is its branch, a preview its commit;
/// production is one per app.
struct Production {
  auto operator<=>(const Production&) const = default;
};
struct Branch {
  BranchName name;
  auto operator<=>(const Branch&) const = default;
};
struct Preview {
  std::optional<Commit> commit{};  ///< without one: the one preview that an app could have
  auto operator<=>(const Preview&) const = default;
};
using Environment = std::variant<Production, Branch, Preview>;

/// One environment of one app: what is built, and what commands run for.
struct Home {
  RepositoryName repository;
  AppName app;
  Environment environment;
  auto operator<=>(const Home&) const = default;
};

/// Where a database belongs: the logical identity that its mark holds and that never changes.
struct Place {
  Home home;
  ComponentName component;
  auto operator<=>(const Place&) const = default;
};

bool is_production(const Environment& environment);

/// `production`, `branch` or `preview`: the word of the JSON documents.
std::string kind_of(const Environment& environment);

/// The bytes that tell environments of one kind apart: a branch's name, a preview's commit.
std::string bytes_of(const Environment& environment);
/// The environment of such a word and bytes; nothing for what they cannot be.
std::optional<Environment> environment_of(std::string_view kind, std::string_view bytes);

/// `production`, `feature/x` with control bytes escaped, `preview/COMMIT`: as it stands in
/// addresses.
std::string path_of(const Environment& environment);
/// The environment of `preview/COMMIT`, with all of the commit's digits; nothing for other texts.
std::optional<Environment> preview_at(std::string_view path);

/// `production`, `preview 1a2b3c4`, or `branch NAME` with control bytes escaped: for people.
std::string title(const Environment& environment);

/// `repository/branch/component`, the address of the JSON documents; the branch is as path_of gives
/// its environment.
std::string address(const Place& place);

/// Whether the app's first database of its engine is meant, which takes the short name.
enum class Rank { first, further };

/// The physical name, injective over (app, component, environment) and at most 63 bytes: exactly
/// `{app}-production`, `{app}--{branch}`, `{app}-preview` when app and branch are plain, else
/// `{app…}--{slug…}-{hash}` (design, section 5), as always for the preview of a commit.
DatabaseName physical_name(const Place& place, Rank rank);

/// The name that a database takes when another one takes its own: of the namespace of hashed names,
/// so that no place ever has it. Each number from 1 on gives another.
DatabaseName aside_name(const DatabaseName& name, int number);

/// The name of the scratch copy that goes with a database; none has it that was set aside.
DatabaseName scratch_name(const DatabaseName& name);

/// The text with bytes that are no printable UTF-8 written as `\xNN`: safe for terminals and JSON.
std::string printable(std::string_view bytes);

}  // namespace bough
