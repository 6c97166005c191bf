#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/installation.h"
#include "reconciler/operations/grant.h"
#include "reconciler/server/http.h"

namespace bough::server {

using operations::Grant;
using operations::Scope;

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
