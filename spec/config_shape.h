#pragma once

#include "spec/shape.h"

namespace bough {

/// `bough.yaml`: every key there is.
const Shape& config_shape();

}  // namespace bough
