#pragma once

#include <string>
#include <vector>

#include "spec/result.h"

namespace bough::operations {

/// What comes, as it comes: somebody asks from time to time. Remembers where it is.
class Feed {
 public:
  struct Line {
    std::string id;        ///< to go on after it, in a later feed
    std::string document;  ///< JSON, one line
  };
  struct Batch {
    std::vector<Line> lines;
    bool over = false;  ///< nothing more will come
  };
  virtual ~Feed() = default;
  /// What there is since the last call; may wait for the journal, never for something to happen.
  virtual Result<Batch> next() = 0;
};

}  // namespace bough::operations
