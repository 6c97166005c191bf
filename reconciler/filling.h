#pragma once

#include "reconciler/installation.h"
#include "reconciler/leases.h"
#include "spec/plan.h"

namespace bough {

/// Has the server fill a template with what production holds, wherever that is.
Result<void> fill_template(Installation& installation, Provisioner& server,
                           const FillTemplate& fill);

/// Carries out one step for what is kept ready, noted in the journal, as long as no other bough is
/// at work on the server.
Result<void> keep_ready(Installation& installation, Leases& leases, const Step& step);

}  // namespace bough
