#pragma once

#include "spec/plan.h"

namespace bough {

/// A step in the words of the JSON documents: what is done to which kind of object, and what that
/// may cost.
struct StepWords {
  const char* object;
  const char* action;
  const char* risk;
};
StepWords words_of(const Step& step);

}  // namespace bough
