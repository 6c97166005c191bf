#pragma once

#include <array>

#include "spec/shape.h"

/// The parts of the App Spec's shape, and what their tables are made with.
namespace bough::app_shape {

inline constexpr Shape kText{Text{}};
inline constexpr Shape kFlag{Flag{}};
inline constexpr Shape kDecimal{DecimalNumber{}};
inline constexpr Shape kTexts{List{&kText}};
inline constexpr Shape kPort{WholeNumber{1, 65535}};
inline constexpr Shape kName{NameText{}, "^[a-z][a-z0-9-]{0,30}[a-z0-9]$"};

extern const Shape kEnvs;
extern const Shape kServices;
extern const Shape kWorkers;
extern const Shape kJobs;
extern const Shape kSites;
extern const Shape kFunctions;

extern const Shape kRoutes;
extern const Shape kCors;
extern const Shape kDomains;
extern const Shape kIngress;

extern const Shape kAlerts;
extern const Shape kLogs;
extern const Shape kScaling;
extern const Shape kHealth;
extern const Shape kTermination;
extern const Shape kSleep;

/// Several lists of keys as one.
template <std::size_t... N>
constexpr auto joined(const Key (&... parts)[N]) {
  std::array<Key, (N + ...)> all{};
  std::size_t at = 0;
  const auto add = [&](const auto& part) {
    for (const Key& key : part) all[at++] = key;
  };
  (add(parts), ...);
  return all;
}

}  // namespace bough::app_shape
