#include "reconciler/trusting.h"

namespace bough {
namespace {

/// A server that started anew has ended our sessions: questions, which may be asked twice, find
/// out.
void connect_again(Installation& installation, const Plan& plan) {
  if (auto journal = installation.journal(); journal && *journal)
    static_cast<void>((*journal)->epochs());
  for (const Step& step : plan.steps)
    if (const auto* trust = std::get_if<TrustSources>(&step.action))
      static_cast<void>(installation.observe(trust->at.instance));
}

}  // namespace

Result<void> let_in(Installation& installation, const TrustSources& trust) {
  DevHost* host = installation.dev_host_of(trust.at.instance);
  if (!host) return Error{Fault::broken, trust.at.instance.text() + " is no dev instance"};
  return host->trust(trust.at.instance, trust.at.name.text(), trust.sources);
}

Result<std::size_t> trust_sources(Installation& installation, const Plan& plan,
                                  Progress& progress) {
  std::size_t done = 0;
  for (const Step& step : plan.steps) {
    const auto* trust = std::get_if<TrustSources>(&step.action);
    if (!trust) continue;
    progress.started(step);
    auto trusted = let_in(installation, *trust);
    progress.ended(step, trusted ? std::nullopt : std::optional(trusted.error()));
    if (!trusted) return trusted.error();
    ++done;
  }
  if (done > 0) connect_again(installation, plan);
  return done;
}

}  // namespace bough
