#pragma once

#include <string>

#include "spec/names.h"

namespace bough {

/// A build that somebody else ran and whose end an authentic message told. It says nothing of the
/// present: whoever waits for it compares commit and name.
struct ReportedBuild {
  RepositoryName repository;
  Commit commit;
  std::string name;    ///< of the workflow, pipeline or check
  std::string branch;  ///< as the message has it; empty: not said
  bool succeeded = false;
  std::string reporter;  ///< `webhook github`, `token ci`
  bool operator==(const ReportedBuild&) const = default;
};

}  // namespace bough
