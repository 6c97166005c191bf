#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "git/mirror.h"

namespace bough {

/// What a glance at a remote gave.
struct Glance {
  /// Identifies the remote's branches, tips and HEAD: equal as long as none of them changes. An
  /// error says nothing about the remote beyond that this glance did not work.
  Result<std::string> sum;
  /// How long the host asks not to be asked again (RFC 9110, Retry-After).
  std::optional<std::chrono::seconds> retry_after;
};

/// Looks at http and https remotes with one request each, on connections that are kept, to learn
/// whether a fetch is worth its cost. Where the server speaks Git's protocol 2, only branches,
/// HEAD and the pull requests that are wanted are asked for, however many other references there are. Thread-safe.
class Glancer {
 public:
  Glancer();
  ~Glancer();

  /// Whether the remote can be looked at in this way.
  static bool serves(const Remote& remote);

  /// Called once for every look(), on the glancer's thread; must not wait. Not called any more once
  /// the glancer's destructor has begun.
  using Answer = std::function<void(Glance)>;

  /// REQUIRES serves(remote). The answer comes within `limit`.
  void look(const Remote& remote, std::chrono::milliseconds limit, Answer answer);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace bough
