#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/installation.h"
#include "reconciler/server/http.h"

namespace bough::server {

/// What a token may do. `admin` may everything, `apply` also `plan` and `read`, `plan` and
/// `approve` also `read`.
enum class Scope { read, plan, apply, approve, admin };
std::optional<Scope> parse_scope(std::string_view word);
std::string_view word_of(Scope scope);

/// Who asks, and what they may do.
struct Grant {
  std::string name;
  std::set<Scope> scopes;
  std::set<std::string> repositories;  ///< empty: all

  bool may(Scope scope) const;
  bool sees(std::string_view repository) const;
  bool sees_all() const { return repositories.empty(); }
};

/// The bearer tokens of bough.yaml; only their digests are kept.
class Tokens {
 public:
  void add(const Secret& secret, Grant grant);
  /// The grant of `Authorization: Bearer …`; nothing for none, a wrong one, or several. Takes the
  /// same time whichever token it is.
  std::optional<Grant> grant_of(const Headers& headers) const;

 private:
  struct Entry {
    std::array<std::uint8_t, 32> digest;
    Grant grant;
  };
  std::vector<Entry> entries_;
};

/// The tokens that can be read; `problems` says why others cannot, which then open nothing.
struct ReadTokens {
  Tokens tokens;
  std::vector<std::string> problems;
};
ReadTokens tokens_of(const Installation& installation);

}  // namespace bough::server
