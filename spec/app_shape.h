#pragma once

#include "spec/shape.h"

namespace bough {

/// The App Spec: every key that the platform's two public descriptions know (its Go client and its
/// OpenAPI documents), and bough's `migration_command`.
const Shape& app_spec_shape();

/// A deploy template: the App Spec below the one key `spec`.
const Shape& deploy_template_shape();

}  // namespace bough
