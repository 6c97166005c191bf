#pragma once

#include <string>
#include <string_view>

#include "git/mirror.h"
#include "reconciler/workspace.h"
#include "spec/place.h"

namespace bough {

/// The private folder where the commands of one home run at one commit.
class Checkout {
 public:
  Checkout(const Workspace& workspace, const Home& home, const Commit& commit);

  /// Where the files are.
  const std::string& tree() const { return tree_; }
  /// Whether that build succeeded in here.
  bool built(std::string_view digest) const;
  void set_built(std::string_view digest) const;

  /// Writes the files unless they are there whole; they belong to the step-down user afterwards.
  Result<void> fill(const Mirror& mirror) const;
  /// Writes the files anew.
  Result<void> refill(const Mirror& mirror) const;
  /// Removes everything.
  void remove() const;

 private:
  const Workspace& workspace_;
  Commit commit_;
  std::string folder_;
  std::string tree_;
};

}  // namespace bough
