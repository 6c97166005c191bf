#pragma once

#include <algorithm>

#include "spec/time.h"

namespace bough::server {

struct Rate {
  double per_second;
  double burst;
};

/// How much of a rate is used up. A value; the clock is the caller's.
class Bucket {
 public:
  /// Whether one more fits now; it is then counted.
  bool take(const Rate& rate, Instant now) {
    const std::chrono::duration<double> passed = now - last_;
    const double gained = std::max(0.0, passed.count()) * rate.per_second;
    tokens_ = last_ == Instant{} ? rate.burst : std::min(rate.burst, tokens_ + gained);
    last_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  double tokens_ = 0;
  Instant last_{};
};

}  // namespace bough::server
