#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace bough {

/// `limits:` of a database; nothing = the server's own default.
struct Limits {
  std::optional<int> connections;
  std::optional<std::chrono::milliseconds> statement_timeout;
  std::optional<long long> size_bytes;
  std::optional<std::chrono::milliseconds> idle_timeout{};  ///< of a session that does nothing
  std::optional<std::chrono::milliseconds> idle_in_transaction_timeout{};
  auto operator<=>(const Limits&) const = default;
};

/// Whether a database's login may write: `discouraged` is a default that a session can change,
/// `none` lets nobody in at all.
enum class Writes { allowed, discouraged, none };

/// What a branch's database starts with: nothing, production's definitions, its rows too, or its
/// rows with some columns replaced.
enum class Copy { none, schema, data, masked };

/// How the values of a column are replaced in a masked copy. `with` is one of the words of
/// bough.yaml's `masking`; `empty` takes all rows of a table, and has no column.
struct MaskingRule {
  std::string table;   ///< `table` or `schema.table`
  std::string column;  ///< empty: the whole table
  std::string with;
  auto operator<=>(const MaskingRule&) const = default;
};

/// Where the databases of branches come from.
struct CopyConfig {
  Copy what = Copy::none;
  std::chrono::milliseconds refresh{std::chrono::hours(24)};  ///< of the template they come from
  std::vector<MaskingRule> masking{};
  int spares = 0;  ///< databases kept ready for each template
  auto operator<=>(const CopyConfig&) const = default;
};

/// What becomes of a branch's database when a migration failed in it.
enum class OnFailure { keep, restore };

/// When a branch's database is seeded: after its creation, whenever the command or the migration
/// files changed, or after every migration.
enum class SeedWhen { once, on_change, always };

struct SeedConfig {
  std::string command;
  SeedWhen when = SeedWhen::once;
  auto operator<=>(const SeedConfig&) const = default;
};

/// How long dumps of databases that were dropped are kept.
struct DumpConfig {
  std::chrono::milliseconds keep{std::chrono::hours(24 * 90)};
  auto operator<=>(const DumpConfig&) const = default;
};

/// Whether pull requests from forks get environments: never, or each commit that a person approved.
enum class Forks { none, approve };

/// Who may connect to a dev instance's databases of an app beside bough's own host.
struct TrustedSource {
  std::string address;               ///< an address, or a network such as 10.0.0.0/8
  std::optional<std::string> login;  ///< nothing: any login of the app's databases
  auto operator<=>(const TrustedSource&) const = default;
};

}  // namespace bough
