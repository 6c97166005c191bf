#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "reconciler/reconcile.h"

namespace bough {

/// Told what happens as it happens; calls come from several threads, one at a time.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void started(const Step& step) = 0;
  virtual void ended(const Step& step, const std::optional<Error>& error) = 0;
  virtual void output(const Action& action, std::string_view line) = 0;
};

/// How a plan is carried out.
struct Controls {
  std::chrono::milliseconds patience{10'000};  ///< how long to wait for another bough
  /// True ends builds at once, and migrations after half a minute more.
  std::function<bool()> stopping = [] { return false; };
  /// Whether somebody asked for it, which keeps branches from ending their time to live.
  bool asked_for = false;
  /// True ends a build of a commit that is no longer its branch's tip.
  std::function<bool(const Build&)> outdated = [](const Build&) { return false; };
};

struct Failure {
  Step step;
  Error error;
};
struct Applied {
  std::size_t done = 0;
  std::vector<Failure> failed;
};

/// Tells of what was changed outside of bough and is not put back: once each, as events.
Result<void> note_alarms(Installation& installation, const Plan& plan);

/// What to carry out.
struct Order {
  const Extent& extent;
  Pass& pass;
  std::optional<std::string> approved;  ///< the plan_id that a person agreed to
};
/// Carries out the pass's plan: dev instances first, then every home by itself, several at once. A
/// step that fails ends its home's steps, not the others. When another bough was at work since the
/// look, looks again first; with `approved`, Fault::stale when the plan is then another. An Error
/// when nothing was begun.
Result<Applied> apply(Installation& installation, Leases& leases, const Order& order,
                      Progress& progress, const Controls& controls);

/// Carries out just the steps of the pass's plan, which a typed command asked for. Every write
/// checks the marks again, so steps that the world has overtaken fail.
Result<Applied> apply_steps(Installation& installation, Leases& leases, const Pass& pass,
                            Progress& progress, const Controls& controls);

}  // namespace bough
