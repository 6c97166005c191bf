#pragma once

#include <functional>

#include "reconciler/metrics.h"
#include "reconciler/server/http.h"
#include "reconciler/server/tokens.h"

namespace bough::server {

/// The whole site: hooks, API, and what tells how the daemon is. Of these only `/healthz` and
/// `/readyz` answer everybody, and only with one word.
class Front : public Site {
 public:
  struct Parts {
    Site& hooks;
    Site& api;
    const Tokens& tokens;
    Metrics& metrics;
    std::function<bool()> ready;
    std::function<void(Metrics&)> measure;  ///< brings gauges up to date; does not block
  };
  explicit Front(Parts parts) : parts_(std::move(parts)) {}
  Beginning begin(const Head& head) override;

 private:
  Response metrics(const Head& head);
  Parts parts_;
};

}  // namespace bough::server
