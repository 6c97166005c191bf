#include "spec/made_by.h"

namespace bough {

const Target* made_by(const Action& action) {
  if (const auto* copy = std::get_if<CopyDatabase>(&action)) return &copy->at;
  const auto* create = std::get_if<CreateDatabase>(&action);
  return create ? &create->at : nullptr;
}

}  // namespace bough
