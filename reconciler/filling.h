#pragma once

#include <functional>

#include "reconciler/installation.h"
#include "reconciler/leases.h"
#include "spec/plan.h"

namespace bough {

/// Has the server fill a template with what production holds, wherever that is. `stopping` ends
/// that soon.
Result<void> fill_template(Installation& installation, Provisioner& server,
                           const FillTemplate& fill, const std::function<bool()>& stopping);

/// Carries out one step for what is kept ready, noted in the journal, as long as no other bough is
/// at work on the server.
Result<void> keep_ready(Installation& installation, Leases& leases, const Step& step,
                        const std::function<bool()>& stopping);

}  // namespace bough
