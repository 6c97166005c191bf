#pragma once

#include <string>
#include <variant>
#include <vector>

namespace bough::forges {

/// A ref that a delivery says has changed. A hint: only a listing of the repository is believed.
struct RefHint {
  std::string ref;     ///< in full, as `refs/heads/main`
  std::string before;  ///< object ids; zeros or empty where the host says none
  std::string after;
  bool operator==(const RefHint&) const = default;
};
struct Pushed {
  std::vector<RefHint> refs;  ///< the first thousand; may be empty
  bool operator==(const Pushed&) const = default;
};

enum class BuildOutcome { succeeded, failed };

/// A build that ended elsewhere. It counts only where accepts() has nothing against it.
struct BuildFinished {
  std::string repository;  ///< whose commit was built, as the host calls it; empty: not said
  std::string branch;      ///< empty: not said
  std::string commit;
  std::string name;  ///< of the workflow, pipeline or check
  BuildOutcome outcome = BuildOutcome::failed;
  bool of_tag = false;
  bool operator==(const BuildFinished&) const = default;
};

/// The host tries whether the hook works.
struct Ping {
  bool operator==(const Ping&) const = default;
};
/// Authentic, and nothing to do with branches or builds.
struct Irrelevant {
  std::string event;
  bool operator==(const Irrelevant&) const = default;
};

/// One authentic call of a webhook.
struct Delivery {
  std::string id;          ///< the host's own number for it; empty when it gives none
  std::string repository;  ///< whom it says it is about; empty: not said
  std::variant<Pushed, BuildFinished, Ping, Irrelevant> content;
  bool operator==(const Delivery&) const = default;
};

/// Whether a push concerns branches: one that names only tags does not.
bool concerns_branches(const Pushed& pushed);

/// Whether an object id says that there is none: 40 or 64 zeros.
bool is_zeros(std::string_view id);

}  // namespace bough::forges
