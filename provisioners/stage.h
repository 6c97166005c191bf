#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spec/bindables.h"
#include "spec/rehearsal.h"
#include "spec/result.h"
#include "spec/run_user.h"

namespace bough {

/// A private server on which migrations are rehearsed: nothing on it touches anything that is in
/// use. It and all that is in it are gone when this object is. Not thread-safe.
class Stage {
 public:
  virtual ~Stage() = default;

  /// A folder that goes when this does, for what else belongs to the rehearsal.
  virtual const std::string& folder() const = 0;

  /// An empty database with a login of its own, in place of an earlier one of that name.
  virtual Result<Endpoint> empty(const std::string& name) = 0;

  enum class Content { schema, data };
  /// Fills an empty database with what `from` holds, read by that login. Fault::missing when there
  /// is no suitable program to read it with, or an extension is not installed here.
  virtual Result<void> copy(const Endpoint& from, const Endpoint& to, Content content) = 0;

  /// Watches what happens in that database from now on.
  virtual Result<void> watch(const Endpoint& at) = 0;
  /// Ends watching: what happened since. REQUIRES watch() and that its clients are gone.
  virtual Result<Sightings> sightings() = 0;

  /// The definitions of all that is in it, in an order of their own: equal texts for equal ones.
  virtual Result<std::string> structure(const Endpoint& of) = 0;
};

struct StageRequest {
  std::string folder;                   ///< where it may keep its files; `user` can reach it
  int version = 0;                      ///< the major version of the server
  std::vector<std::string> binaries{};  ///< more folders to look into for server programs
  std::optional<RunUser> user{};        ///< who runs it; nothing: ourselves
  std::function<bool()> stopping = [] { return false; };  ///< true ends copying soon
};

}  // namespace bough
